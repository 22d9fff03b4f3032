package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// terraform is a folder of .tf files: a module.
type terraform struct {
	dir    string
	blocks []*hclsyntax.Block
}

// readTerraform parses a module. What it finds besides is files that are not as `terraform fmt` leaves them.
func readTerraform(dir string) (*terraform, []string) {
	m := &terraform{dir: dir}
	names, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil || len(names) == 0 {
		return m, []string{dir + " holds no .tf file"}
	}
	var found []string
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err == nil {
			name, err = filepath.EvalSymlinks(name) // a damaged copy is links but for one file
		}
		if err != nil {
			found = append(found, err.Error())
			continue
		}
		file, err := parsedFile(terraformText{name, string(text)})
		if err != nil {
			found = append(found, err.Error())
			continue
		}
		found = append(found, file.found...)
		m.blocks = append(m.blocks, file.body.Blocks...)
	}
	return m, found
}

// terraformText is a file of Terraform, by its name and content.
type terraformText struct{ name, text string }

// terraformFile is what it says, which nobody changes, and what is wrong with its form.
type terraformFile struct {
	body  *hclsyntax.Body
	found []string
}

var parsedFile = cached(func(of terraformText) (f terraformFile, err error) {
	text := []byte(of.text)
	if !bytes.Equal(hclwrite.Format(text), text) {
		f.found = append(f.found, of.name+" is not as terraform fmt leaves it")
	}
	file, diags := hclsyntax.ParseConfig(text, of.name, hcl.InitialPos)
	if diags.HasErrors() {
		return f, diags
	}
	f.body = file.Body.(*hclsyntax.Body)
	for name := range f.body.Attributes {
		f.found = append(f.found, fmt.Sprintf("%s: the argument %s stands outside of any block", of.name, name))
	}
	return f, nil
})

// of lists the blocks of a type.
func (m *terraform) of(kind string) (blocks []*hclsyntax.Block) {
	for _, b := range m.blocks {
		if b.Type == kind {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// providerSchema is what the AWS provider says of a resource, a data source or a block inside.
type providerSchema struct {
	Arguments map[string]string // to "required" or "optional"
	Exported  []string
	Blocks    map[string]struct {
		providerSchema
		Many, Required bool
	}
}

// awsSchema is testdata/terraform/aws-provider-schema.json: what deploy/ uses of the provider's own schema.
type awsSchema struct {
	Version     string
	Provider    string
	Resources   map[string]providerSchema
	DataSources map[string]providerSchema `json:"data_sources"`
	Ephemeral   map[string]providerSchema `json:"ephemeral_resources"`
}

func readSchema() (s awsSchema, err error) {
	text, err := os.ReadFile(filepath.Join("testdata", "terraform", "aws-provider-schema.json"))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	return s, err
}

// metaArguments are Terraform's own, in every resource.
var metaArguments = []string{"for_each", "count", "depends_on", "provider"}

// ownBlocks are the blocks of Terraform itself: labels, and their arguments, * for a name of the author's choice.
var ownBlocks = map[string]struct {
	labels                       int
	required, optional, children []string
}{
	"terraform":          {0, []string{"required_version"}, nil, []string{"required_providers"}},
	"required_providers": {0, []string{"aws"}, nil, nil},
	"provider":           {1, nil, []string{"region"}, []string{"default_tags"}},
	"default_tags":       {0, []string{"tags"}, nil, nil},
	"variable":           {1, []string{"type", "description"}, []string{"default", "sensitive", "nullable"}, []string{"validation"}},
	"validation":         {0, []string{"condition", "error_message"}, nil, nil},
	"output":             {1, []string{"value", "description"}, []string{"sensitive", "depends_on"}, nil},
	"locals":             {0, nil, []string{"*"}, nil},
	"module":             {1, []string{"source"}, []string{"*"}, nil},
}

// checkSchema holds every block and argument of the module against Terraform's language and the provider's schema.
func (m *terraform) checkSchema(schema awsSchema) (found []string) {
	for _, b := range m.blocks {
		switch b.Type {
		case "resource":
			found = append(found, checkProviderBlock(schema.Resources, b)...)
		case "data":
			found = append(found, checkProviderBlock(schema.DataSources, b)...)
		case "ephemeral":
			found = append(found, checkProviderBlock(schema.Ephemeral, b)...)
		default:
			found = append(found, checkOwnBlock(b)...)
		}
	}
	return append(found, m.checkNames()...)
}

// checkNames finds two declarations of one name.
func (m *terraform) checkNames() (found []string) {
	seen := map[string]bool{}
	for _, b := range m.blocks {
		name := b.Type + " " + strings.Join(b.Labels, ".")
		if len(b.Labels) > 0 && seen[name] {
			found = append(found, fmt.Sprintf("%s: %s is declared twice", b.TypeRange, name))
		}
		seen[name] = true
	}
	return found
}

func checkOwnBlock(b *hclsyntax.Block) (found []string) {
	own, ok := ownBlocks[b.Type]
	if !ok {
		return []string{fmt.Sprintf("%s: Terraform has no block %s here", b.TypeRange, b.Type)}
	}
	if len(b.Labels) != own.labels {
		found = append(found, fmt.Sprintf("%s: %s takes %d labels, not %d", b.TypeRange, b.Type, own.labels, len(b.Labels)))
	}
	arguments := map[string]string{}
	for _, name := range own.required {
		arguments[name] = "required"
	}
	for _, name := range own.optional {
		arguments[name] = "optional"
	}
	if !slices.Contains(own.optional, "*") {
		found = append(found, checkArguments(b.Type, b.Body, arguments)...)
	}
	for _, child := range b.Body.Blocks {
		if !slices.Contains(own.children, child.Type) {
			found = append(found, fmt.Sprintf("%s: %s has no block %s", child.TypeRange, b.Type, child.Type))
			continue
		}
		found = append(found, checkOwnBlock(child)...)
	}
	return found
}

func checkProviderBlock(known map[string]providerSchema, b *hclsyntax.Block) []string {
	if len(b.Labels) != 2 {
		return []string{fmt.Sprintf("%s: %s takes a type and a name", b.TypeRange, b.Type)}
	}
	schema, ok := known[b.Labels[0]]
	if !ok {
		return []string{fmt.Sprintf("%s: the provider has no %s %s, or the copy of its schema lacks it", b.TypeRange, b.Type, b.Labels[0])}
	}
	body := *b.Body
	body.Attributes = maps.Clone(b.Body.Attributes)
	for _, name := range metaArguments {
		delete(body.Attributes, name)
	}
	var found []string
	body.Blocks = slices.DeleteFunc(slices.Clone(b.Body.Blocks), func(child *hclsyntax.Block) bool {
		if child.Type != "lifecycle" {
			return false
		}
		found = append(found, checkArguments(b.Labels[0]+".lifecycle", child.Body, lifecycle)...)
		return true
	})
	return append(found, schema.check(b.Labels[0]+"."+b.Labels[1], &body)...)
}

// lifecycle is Terraform's own block in every resource.
var lifecycle = map[string]string{
	"create_before_destroy": "optional", "prevent_destroy": "optional", "ignore_changes": "optional", "replace_triggered_by": "optional",
}

// contentOf is what a dynamic block repeats; empty where it does not say.
func contentOf(dynamic *hclsyntax.Block) *hclsyntax.Body {
	for _, b := range dynamic.Body.Blocks {
		if b.Type == "content" {
			return b.Body
		}
	}
	return &hclsyntax.Body{}
}

// iteratorOf is the name by which the content of a dynamic block speaks of one turn.
func iteratorOf(dynamic *hclsyntax.Block) string {
	if a := dynamic.Body.Attributes["iterator"]; a != nil {
		return hcl.ExprAsKeyword(a.Expr)
	}
	return dynamic.Labels[0]
}

// standsFor is the block that a dynamic one makes; any other is itself.
func standsFor(b *hclsyntax.Block) (kind string, body *hclsyntax.Body, found []string) {
	if b.Type != "dynamic" {
		return b.Type, b.Body, nil
	}
	if len(b.Labels) != 1 || len(b.Body.Blocks) != 1 || b.Body.Blocks[0].Type != "content" {
		return "", nil, []string{fmt.Sprintf("%s: dynamic takes the name of a block, and has one block content", b.TypeRange)}
	}
	arguments := map[string]string{"for_each": "required", "iterator": "optional"}
	return b.Labels[0], contentOf(b), checkArguments("dynamic."+b.Labels[0], b.Body, arguments)
}

func (s providerSchema) check(where string, body *hclsyntax.Body) []string {
	found := checkArguments(where, body, s.Arguments)
	times := map[string]int{}
	for _, child := range body.Blocks {
		kind, inner, problems := standsFor(child)
		if found = append(found, problems...); inner == nil {
			continue
		}
		block, ok := s.Blocks[kind]
		if !ok {
			found = append(found, fmt.Sprintf("%s: %s has no block %s", child.TypeRange, where, kind))
			continue
		}
		times[kind]++
		found = append(found, block.check(where+"."+kind, inner)...)
	}
	for name, block := range s.Blocks {
		if n := times[name]; n > 1 && !block.Many || n == 0 && block.Required {
			found = append(found, fmt.Sprintf("%s has %d blocks %s", where, n, name))
		}
	}
	return found
}

func checkArguments(where string, body *hclsyntax.Body, arguments map[string]string) (found []string) {
	for name, attribute := range body.Attributes {
		if arguments[name] == "" {
			found = append(found, fmt.Sprintf("%s: %s has no argument %s", attribute.NameRange, where, name))
		}
	}
	for name, need := range arguments {
		if need == "required" && body.Attributes[name] == nil {
			found = append(found, fmt.Sprintf("%s lacks the argument %s", where, name))
		}
	}
	return found
}

// names is what a module declares, by the first words of references to it.
type names struct {
	variables, locals map[string]bool
	resources         map[string]*hclsyntax.Block // by type.name, data.type.name and ephemeral.type.name
	calls             map[string]*hclsyntax.Block // of modules
	modules           map[string]*terraform
	used              map[string]bool // variables and locals that something asks for, as var.x and local.x
}

func (m *terraform) names() (n names, found []string) {
	n = names{map[string]bool{}, map[string]bool{}, map[string]*hclsyntax.Block{}, map[string]*hclsyntax.Block{}, map[string]*terraform{}, map[string]bool{}}
	for _, b := range m.of("variable") {
		n.variables[b.Labels[0]] = true
	}
	for _, b := range m.of("locals") {
		for name := range b.Body.Attributes {
			n.locals[name] = true
		}
	}
	for _, b := range slices.Concat(m.of("resource"), m.of("data"), m.of("ephemeral")) {
		n.resources[addressOf(b)] = b
	}
	for _, b := range m.of("module") {
		child, problems := readTerraform(filepath.Join(m.dir, sourceOf(b)))
		n.modules[b.Labels[0]], n.calls[b.Labels[0]] = child, b
		found = append(found, problems...)
	}
	return n, found
}

func addressOf(b *hclsyntax.Block) string {
	if b.Type == "data" || b.Type == "ephemeral" {
		return b.Type + "." + strings.Join(b.Labels, ".")
	}
	return strings.Join(b.Labels, ".")
}

// sourceOf is where a module's call says that it stands.
func sourceOf(b *hclsyntax.Block) string {
	if a := b.Body.Attributes["source"]; a != nil {
		if v, diags := a.Expr.Value(nil); !diags.HasErrors() {
			return v.AsString()
		}
	}
	return "no source"
}

// checkReferences finds what is asked for and not declared, and variables and locals that nobody asks for.
func (m *terraform) checkReferences(schema awsSchema) []string {
	n, found := m.names()
	for _, b := range m.blocks {
		if b.Type == "terraform" {
			continue // aws = { … } is data
		}
		for _, reference := range referencesOf(b) {
			if says := n.resolve(reference, schema); says != "" {
				found = append(found, fmt.Sprintf("%s: %s", reference.SourceRange(), says))
			}
		}
	}
	for name := range n.variables {
		if !n.used["var."+name] {
			found = append(found, fmt.Sprintf("%s: nobody asks for var.%s", m.dir, name))
		}
	}
	for name := range n.locals {
		if !n.used["local."+name] {
			found = append(found, fmt.Sprintf("%s: nobody asks for local.%s", m.dir, name))
		}
	}
	return append(found, m.checkInputs(n)...)
}

// checkInputs holds the calls of modules against the modules' variables.
func (m *terraform) checkInputs(n names) (found []string) {
	for _, call := range m.of("module") {
		declared := map[string]string{"source": "required", "for_each": "optional", "count": "optional", "depends_on": "optional"}
		for _, v := range n.modules[call.Labels[0]].of("variable") {
			declared[v.Labels[0]] = "required"
			if v.Body.Attributes["default"] != nil {
				declared[v.Labels[0]] = "optional"
			}
		}
		found = append(found, checkArguments("module."+call.Labels[0], call.Body, declared)...)
	}
	return found
}

// referencesOf lists what the expressions of a block ask for, without the names that a for expression or a dynamic block
// makes.
func referencesOf(b *hclsyntax.Block) (all []hcl.Traversal) {
	for name, a := range b.Body.Attributes {
		if b.Type == "variable" && name == "type" || b.Type == "lifecycle" || b.Type == "dynamic" && name == "iterator" {
			continue // words of the language: string, list(string), tags
		}
		all = append(all, a.Expr.Variables()...)
	}
	for _, child := range b.Body.Blocks {
		all = append(all, referencesOf(child)...)
	}
	if b.Type == "dynamic" && len(b.Labels) == 1 {
		all = slices.DeleteFunc(all, func(t hcl.Traversal) bool { return t.RootName() == iteratorOf(b) })
	}
	return all
}

// resolve says what is wrong with a reference, or nothing.
func (n names) resolve(t hcl.Traversal, schema awsSchema) string {
	words := wordsOf(t)
	second := ""
	if len(words) > 1 {
		second = words[1]
	}
	switch words[0] {
	case "each", "count", "path":
		return ""
	case "var":
		n.used["var."+second] = true
		return missing(n.variables[second], "the variable "+second)
	case "local":
		n.used["local."+second] = true
		return missing(n.locals[second], "the local "+second)
	case "module":
		return n.resolveOutput(second, words)
	case "data":
		return n.resolveAttribute(words, 3, schema.DataSources)
	case "ephemeral":
		return n.resolveAttribute(words, 3, schema.Ephemeral)
	}
	return n.resolveAttribute(words, 2, schema.Resources)
}

func missing(there bool, what string) string {
	if there {
		return ""
	}
	return what + " is not declared"
}

func (n names) resolveOutput(module string, words []string) string {
	child := n.modules[module]
	if child == nil || len(words) < 3 {
		return missing(child != nil, "the module "+module)
	}
	if isMany(n.calls[module]) {
		if words[2] != "[]" {
			return strings.Join(words, ".") + " is many: say which"
		}
		if words = slices.Delete(slices.Clone(words), 2, 3); len(words) < 3 {
			return "" // the whole of it
		}
	}
	there := slices.ContainsFunc(child.of("output"), func(b *hclsyntax.Block) bool { return b.Labels[0] == words[2] })
	return missing(there, "the output "+words[2]+" of the module "+module)
}

// isMany says whether a block stands for a map or a list of what it declares.
func isMany(b *hclsyntax.Block) bool {
	return b.Body.Attributes["for_each"] != nil || b.Body.Attributes["count"] != nil
}

// resolveAttribute looks for type.name[key].attribute, where at is the place of the attribute.
func (n names) resolveAttribute(words []string, at int, known map[string]providerSchema) string {
	if len(words) < at {
		return strings.Join(words, ".") + " is no reference"
	}
	b := n.resources[strings.Join(words[:at], ".")]
	if b == nil {
		return strings.Join(words[:at], ".") + " is not declared"
	}
	rest := words[at:]
	if isMany(b) && len(rest) > 0 {
		if rest[0] != "[]" {
			return strings.Join(words, ".") + " is many: say which"
		}
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return "" // the whole of it, in a for expression
	}
	s := known[b.Labels[0]]
	_, argument := s.Arguments[rest[0]]
	return missing(argument || slices.Contains(s.Exported, rest[0]), "the attribute "+rest[0]+" of "+b.Labels[0])
}

// wordsOf is a reference in words; an index is [].
func wordsOf(t hcl.Traversal) (words []string) {
	for _, step := range t {
		switch s := step.(type) {
		case hcl.TraverseRoot:
			words = append(words, s.Name)
		case hcl.TraverseAttr:
			words = append(words, s.Name)
		default:
			words = append(words, "[]")
		}
	}
	return words
}
