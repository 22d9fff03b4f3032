package test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"go.yaml.in/yaml/v3"
)

// dataSource is one of Grafana's, as its provisioning files have it.
type dataSource struct {
	Name, UID, Type, Access, URL string
	IsDefault                    bool                 `yaml:"isDefault"`
	JSONData                     map[string]yaml.Node `yaml:"jsonData"`
	SecureJSONData               map[string]string    `yaml:"secureJsonData"`
}

// settings are what each plugin reads of jsonData, as far as ours is given.
var settings = map[string][]string{
	"prometheus":               {"exemplarTraceIdDestinations", "httpMethod", "timeInterval"},
	"grafana-x-ray-datasource": {"assumeRoleArn", "authType", "defaultRegion", "endpoint", "externalId", "profile"},
}

func dataSources(t *testing.T) map[string]dataSource {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(ours, "grafana", "provisioning", "datasources", "roentgen.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		APIVersion  int `yaml:"apiVersion"`
		DataSources []dataSource
	}
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil || file.APIVersion != 1 {
		t.Fatalf("version %d, %v", file.APIVersion, err)
	}
	all := map[string]dataSource{}
	for _, s := range file.DataSources {
		all[s.UID] = s
		for name := range s.JSONData {
			if !slices.Contains(settings[s.Type], name) {
				t.Errorf("%s: the plugin %s reads no %s", s.Name, s.Type, name)
			}
		}
	}
	return all
}

// TestGrafanaFindsItsDataSources: panels ask those that are provisioned, and the file of dashboards is one that Grafana takes.
func TestGrafanaFindsItsDataSources(t *testing.T) {
	sources := dataSources(t)
	for _, d := range dashboards(t, ours) {
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				if s, ok := sources[target.Datasource.UID]; !ok || s.Type != target.Datasource.Type || s.UID != p.Datasource.UID {
					t.Errorf("%s, %s: asks %+v, which is not provisioned", d.Title, p.Title, target.Datasource)
				}
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(ours, "grafana", "provisioning", "dashboards", "roentgen.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name, Folder, Type string
			Options            struct{ Path string }
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil || file.APIVersion != 1 || len(file.Providers) != 1 || file.Providers[0].Type != "file" || file.Providers[0].Options.Path == "" {
		t.Errorf("%+v, %v", file, err)
	}
}

// TestGrafanasXRayPluginComesInWithANameAndAToken does as the plugin does with what is provisioned: it signs for the
// region, with the two keys, to the endpoint, and asks for the groups to see whether it works.
func TestGrafanasXRayPluginComesInWithANameAndAToken(t *testing.T) {
	s := startServer(t, t.TempDir(), "--auth-file", tokenFile(t))
	source := dataSources(t)["roentgen"]
	t.Setenv("ROENTGEN_TOKEN_NAME", operator)
	t.Setenv("ROENTGEN_TOKEN", operatorToken)
	set := func(name string) string { n := source.JSONData[name]; return n.Value }
	if set("authType") != "keys" || set("endpoint") != "http://127.0.0.1:1895" {
		t.Fatalf("the data source is %+v", source)
	}
	c := awsClient(s, as(os.ExpandEnv(source.SecureJSONData["accessKey"]), os.ExpandEnv(source.SecureJSONData["secretKey"])), func(o *xray.Options) {
		o.Region, o.BaseEndpoint = set("defaultRegion"), aws.String(strings.Replace(set("endpoint"), "http://127.0.0.1:1895", s.HTTP, 1))
	})
	if _, err := c.GetGroups(t.Context(), &xray.GetGroupsInput{}); err != nil {
		t.Error(err)
	}
}
