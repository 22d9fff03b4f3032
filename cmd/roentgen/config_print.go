package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

func newConfigPrintCommand(w around) *cobra.Command {
	c := newConfigPrintServe("print", "Print every setting, of the server unless the word agent follows")
	c.Example = `  roentgen config print --origin
  roentgen config print serve --config roentgen.yaml --origin
  roentgen config print agent --origin --upstream https://roentgen.example.in`
	c.AddCommand(newConfigPrintServe("serve", "Print every setting of roentgen serve"), newConfigPrintAgent(w))
	return c
}

const printLong = `Print every setting as it would be in force: give the flags and the environment
that the program itself gets. With --origin each stands beside the place that it
comes from: flag, environment variable, file and line, or default. What is secret
is masked.`

func addPrintFlags(c *cobra.Command) {
	c.Long = printLong
	c.Args = cobra.NoArgs
	c.Flags().Bool("origin", false, "say where each setting comes from")
	c.Flags().String("output", "", "`form`: table or json (default table on a terminal, else json)")
}

func newConfigPrintServe(use, short string) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short,
		Example: `  roentgen config print serve --config roentgen.yaml --origin`,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := serverSettings(c.Flags(), configFile(c.Flags()), os.Environ())
			return errors.Join(err, printSettings(c, list))
		},
	}
	addFlags(c.Flags())
	c.Flags().String("config", "", "configuration `file` (YAML)")
	addPrintFlags(c)
	return c
}

func newConfigPrintAgent(w around) *cobra.Command {
	c := &cobra.Command{
		Use: "agent", Short: "Print every setting of roentgen agent",
		Example: `  roentgen config print agent --origin --config /etc/amazon/xray/cfg.yaml`,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := agentSettings(c.Flags(), os.Environ(), w.getenv)
			return errors.Join(err, printSettings(c, list))
		},
	}
	addAgentFlags(c.Flags())
	addPrintFlags(c)
	return c
}

// setting is one key, its value and where that comes from.
type setting struct {
	Key    string `json:"setting"`
	Value  string `json:"value"`
	Origin string `json:"origin,omitempty"`
}

// originDefault is that of what nobody set.
const originDefault = "default"

// asked are flags that say how to print, and are no settings.
func asked(name string) bool {
	switch name {
	case "origin", "output", "help", "version":
		return true
	}
	return false
}

// settingsOf lists flags with their values; origin says where one comes from.
func settingsOf(flags *pflag.FlagSet, origin func(*pflag.Flag) string) (list []setting) {
	flags.VisitAll(func(f *pflag.Flag) {
		if !asked(f.Name) {
			value := f.Value.String()
			if f.Value.Type() == "stringSlice" {
				value = strings.Trim(value, "[]")
			}
			list = append(list, setting{f.Name, masked(f.Name, value), origin(f)})
		}
	})
	return list
}

// masked hides what is secret: the password of a URL, and what a key calls a
// token, a secret or a password.
func masked(key, value string) string {
	if value == "" || strings.HasSuffix(key, "-file") {
		return value
	}
	for _, word := range []string{"token", "secret", "password"} {
		if strings.Contains(strings.ToLower(key), word) {
			return "(set, masked)"
		}
	}
	if u, err := url.Parse(value); err == nil && u.User != nil {
		return u.Redacted()
	}
	return value
}

// serverSettings joins file, environment and flags as roentgen serve does, and
// notes the origin of each.
func serverSettings(flags *pflag.FlagSet, path string, environ []string) ([]setting, error) {
	origins := map[string]string{}
	noteFlags(flags, origins)
	all := []error{fromFile(flags, path, origins)}
	known := pflag.NewFlagSet("", pflag.ContinueOnError)
	addFlags(known)
	for _, kv := range environ { // one by one, so that one mistake does not hide the others
		values, err := fromEnviron([]string{kv}, known)
		all = append(all, err)
		for key := range values {
			name, text, _ := strings.Cut(kv, "=")
			all = append(all, take(flags, origins, key, text, "environment "+name))
		}
	}
	_, err := loadConfig("", flags, nil)
	all = append(all, err)
	return settingsOf(flags, func(f *pflag.Flag) string { return cmp.Or(origins[f.Name], originDefault) }), errors.Join(all...)
}

// noteFlags notes what the command line says.
func noteFlags(flags *pflag.FlagSet, origins map[string]string) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			origins[f.Name] = "flag --" + f.Name
		}
	})
}

// take sets a flag unless one that wins has set it.
func take(flags *pflag.FlagSet, origins map[string]string, key, text, from string) error {
	if strings.HasPrefix(origins[key], "flag ") {
		return nil
	}
	origins[key] = from
	f := flags.Lookup(key)
	if list, ok := f.Value.(pflag.SliceValue); ok { // Set would add to what the file said
		return list.Replace(strings.Split(text, ","))
	}
	if err := flags.Set(key, text); err != nil {
		return fmt.Errorf("%s: %s: %q is not %s", from, key, text, legalValue(f))
	}
	return nil
}

// fromFile takes what the server's file says.
func fromFile(flags *pflag.FlagSet, path string, origins map[string]string) error {
	if path == "" {
		return nil
	}
	if origins["config"] == "" {
		origins["config"] = "environment " + envPrefix + "CONFIG"
		flags.Lookup("config").Value.Set(path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read configuration file: %w", err)
	}
	var file yaml.Node
	if err := yaml.Unmarshal(text, &file); err != nil {
		return errors.New(notYAML(err).at(path))
	}
	if len(file.Content) == 0 {
		return nil
	}
	var all []error
	root := file.Content[0]
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i].Value, root.Content[i+1]
		place := fmt.Sprintf("%s:%d", path, root.Content[i].Line)
		f := flags.Lookup(key)
		if f == nil || asked(key) || key == "config" {
			all = append(all, fmt.Errorf("%s: there is no key %s%s", place, key, meant(key, flagNames(flags))))
			continue
		}
		text, wrong := nodeText(value, f.Value.Type() == "stringSlice")
		if wrong != "" {
			all = append(all, fmt.Errorf("%s: %s %s", place, key, wrong))
			continue
		}
		all = append(all, take(flags, origins, key, text, place))
	}
	return errors.Join(all...)
}

func printSettings(c *cobra.Command, list []setting) error {
	s, err := newScreen(c, around{getenv: os.Getenv})
	if err != nil {
		return err
	}
	origin, _ := c.Flags().GetBool("origin")
	if !origin {
		for i := range list {
			list[i].Origin = ""
		}
	}
	if s.json {
		return s.writeJSON(list)
	}
	t := table{columns: []column{{title: "SETTING"}, {title: "VALUE", least: 20}, {title: "FROM", least: 12}}}
	if !origin {
		t.columns = t.columns[:2]
	}
	for _, x := range list {
		ink := plain
		if x.Origin == originDefault {
			ink = faint
		}
		t.add([]cell{{x.Key, plain}, {x.Value, ink}, {x.Origin, ink}}[:len(t.columns)]...)
	}
	t.print(s)
	return nil
}
