package test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// planned is one resource with all that its arguments come to. What only AWS could tell is made up in AWS's form.
type planned struct {
	module, kind, name, key string // key is empty without for_each
	values                  map[string]cty.Value
}

// planner evaluates a module as `terraform plan` does before it asks AWS anything, into the list of what there would be.
type planner struct {
	schema  awsSchema
	planned []planned
}

// scope is one module while it is evaluated.
type scope struct {
	*planner
	m                                       *terraform
	name                                    string
	variables, locals, modules, data, their map[string]cty.Value // their: resources, by type.name
}

// plan evaluates the module in dir with inputs.
func (p *planner) plan(name, dir string, inputs map[string]cty.Value) (outputs map[string]cty.Value, err error) {
	m, problems := readTerraform(dir)
	if len(problems) > 0 {
		return nil, fmt.Errorf("reading %s: %s", dir, strings.Join(problems, "; "))
	}
	s := &scope{planner: p, m: m, name: name, variables: map[string]cty.Value{}, locals: map[string]cty.Value{},
		modules: map[string]cty.Value{}, data: map[string]cty.Value{}, their: map[string]cty.Value{}}
	for _, b := range m.of("variable") {
		if err := s.takeVariable(b, inputs); err != nil {
			return nil, err
		}
	}
	if err := s.work(); err != nil {
		return nil, err
	}
	outputs = map[string]cty.Value{}
	for _, b := range m.of("output") {
		v, diags := b.Body.Attributes["value"].Expr.Value(s.context(nil))
		if diags.HasErrors() {
			return nil, diags
		}
		outputs[b.Labels[0]] = v
	}
	return outputs, nil
}

// takeVariable converts an input to the variable's type and holds it against the validations.
func (s *scope) takeVariable(b *hclsyntax.Block, inputs map[string]cty.Value) error {
	name := b.Labels[0]
	kind, defaults, diags := typeexpr.TypeConstraintWithDefaults(b.Body.Attributes["type"].Expr)
	if diags.HasErrors() {
		return diags
	}
	value, given := inputs[name]
	if !given {
		if b.Body.Attributes["default"] == nil {
			return fmt.Errorf("%s: the variable %s has no value", s.m.dir, name)
		}
		if value, diags = b.Body.Attributes["default"].Expr.Value(nil); diags.HasErrors() {
			return diags
		}
	}
	if defaults != nil {
		value = defaults.Apply(value)
	}
	value, err := convert.Convert(value, kind)
	if err != nil {
		return fmt.Errorf("%s: the variable %s: %w", s.m.dir, name, err)
	}
	s.variables[name] = value
	for _, rule := range b.Body.Blocks {
		holds, diags := rule.Body.Attributes["condition"].Expr.Value(s.context(nil))
		if diags.HasErrors() {
			return diags
		}
		if holds.False() {
			says, _ := rule.Body.Attributes["error_message"].Expr.Value(nil)
			return fmt.Errorf("%s: the variable %s is refused: %s", s.m.dir, name, says.AsString())
		}
	}
	return nil
}

// step is a local, a data source, a resource or a module: evaluated once all that it asks for is there.
type step struct {
	name  string
	needs []hcl.Traversal
	do    func() error
}

// work goes round until nothing is left to evaluate.
func (s *scope) work() error {
	steps := s.steps()
	for len(steps) > 0 {
		var left []step
		for _, w := range steps {
			if !s.has(w.needs) {
				left = append(left, w)
				continue
			}
			if err := w.do(); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
		}
		if len(left) == len(steps) {
			return fmt.Errorf("%s: %s asks for what is not there, or for itself", s.m.dir, left[0].name)
		}
		steps = left
	}
	return nil
}

func (s *scope) steps() (steps []step) {
	for _, b := range s.m.of("locals") {
		for name, a := range b.Body.Attributes {
			steps = append(steps, step{"local." + name, a.Expr.Variables(), func() error {
				v, diags := a.Expr.Value(s.context(nil))
				s.locals[name] = v
				return failed(diags)
			}})
		}
	}
	for _, b := range s.m.of("data") {
		steps = append(steps, step{addressOf(b), referencesOf(b), func() error { return s.read(b) }})
	}
	for _, b := range s.m.of("resource") {
		steps = append(steps, step{addressOf(b), referencesOf(b), func() error { return s.make(b) }})
	}
	for _, b := range s.m.of("module") {
		steps = append(steps, step{"module." + b.Labels[0], referencesOf(b), func() error { return s.call(b) }})
	}
	return steps
}

// failed is diagnostics as an error, which a nil hcl.Diagnostics is not.
func failed(diags hcl.Diagnostics) error {
	if diags.HasErrors() {
		return diags
	}
	return nil
}

func (s *scope) has(needs []hcl.Traversal) bool {
	for _, t := range needs {
		words := append(wordsOf(t), "", "")
		there := true
		switch words[0] {
		case "local":
			_, there = s.locals[words[1]]
		case "module":
			_, there = s.modules[words[1]]
		case "data":
			_, there = s.data[words[1]+"."+words[2]]
		case "var", "each", "path":
		default:
			_, there = s.their[words[0]+"."+words[1]]
		}
		if !there {
			return false
		}
	}
	return true
}

// context is what expressions may ask for now.
func (s *scope) context(each map[string]cty.Value) *hcl.EvalContext {
	values := map[string]cty.Value{
		"var": cty.ObjectVal(s.variables), "local": cty.ObjectVal(s.locals), "module": cty.ObjectVal(s.modules),
		"path": cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(s.m.dir)}), "data": nested(s.data),
	}
	if their := nested(s.their); their.LengthInt() > 0 {
		maps.Copy(values, their.AsValueMap())
	}
	if each != nil {
		values["each"] = cty.ObjectVal(each)
	}
	return &hcl.EvalContext{Variables: values, Functions: functions()}
}

// nested turns type.name → value into type → name → value.
func nested(flat map[string]cty.Value) cty.Value {
	byType := map[string]map[string]cty.Value{}
	for address, v := range flat {
		kind, name, _ := strings.Cut(address, ".")
		if byType[kind] == nil {
			byType[kind] = map[string]cty.Value{}
		}
		byType[kind][name] = v
	}
	all := map[string]cty.Value{}
	for kind, named := range byType {
		all[kind] = cty.ObjectVal(named)
	}
	return cty.ObjectVal(all)
}

func (s *scope) call(b *hclsyntax.Block) error {
	inputs := map[string]cty.Value{}
	for name, a := range b.Body.Attributes {
		v, diags := a.Expr.Value(s.context(nil))
		if diags.HasErrors() {
			return diags
		}
		inputs[name] = v
	}
	delete(inputs, "source")
	outputs, err := s.plan(b.Labels[0], filepath.Join(s.m.dir, sourceOf(b)), inputs)
	s.modules[b.Labels[0]] = cty.ObjectVal(outputs)
	return err
}

// make evaluates a resource, for each of its keys.
func (s *scope) make(b *hclsyntax.Block) error {
	many := b.Body.Attributes["for_each"]
	if many == nil {
		v, err := s.one(b, "", nil)
		s.their[addressOf(b)] = v
		return err
	}
	over, diags := many.Expr.Value(s.context(nil))
	if diags.HasErrors() {
		return diags
	}
	all := map[string]cty.Value{}
	for key, value := range over.AsValueMap() {
		v, err := s.one(b, key, map[string]cty.Value{"key": cty.StringVal(key), "value": value})
		if err != nil {
			return err
		}
		all[key] = v
	}
	s.their[addressOf(b)] = cty.ObjectVal(all)
	return nil
}

func (s *scope) one(b *hclsyntax.Block, key string, each map[string]cty.Value) (cty.Value, error) {
	schema := s.schema.Resources[b.Labels[0]]
	values, err := s.evaluate(b.Body, schema, each)
	if err != nil {
		return cty.NilVal, err
	}
	delete(values, "for_each")
	s.planner.planned = append(s.planner.planned, planned{s.name, b.Labels[0], b.Labels[1], key, values})
	whole := maps.Clone(values)
	name := nameOf(values, b.Labels[1])
	for _, exported := range append([]string{"id"}, schema.Exported...) {
		whole[exported] = cty.StringVal(name)
	}
	whole["arn"] = cty.StringVal(arnOf(b.Labels[0], name))
	return cty.ObjectVal(whole), nil
}

// nameOf is what AWS would call a resource, which is also the id of those that have no other.
func nameOf(values map[string]cty.Value, otherwise string) string {
	for _, argument := range []string{"name", "rule_name", "group_name", "alarm_name", "family"} {
		if v, ok := values[argument]; ok {
			return v.AsString()
		}
	}
	return otherwise
}

func arnOf(kind, name string) string {
	forms := map[string]string{
		"aws_iam_role": "iam::123456789012:role/", "aws_iam_policy": "iam::123456789012:policy/",
		"aws_cloudwatch_log_group": "logs:ap-south-1:123456789012:log-group:", "aws_ecs_task_definition": "ecs:ap-south-1:123456789012:task-definition/",
	}
	return "arn:aws:" + forms[kind] + name
}

// evaluate gives the arguments of a body, and its blocks as lists of objects.
func (s *scope) evaluate(body *hclsyntax.Body, schema providerSchema, each map[string]cty.Value) (map[string]cty.Value, error) {
	values := map[string]cty.Value{}
	for name, a := range body.Attributes {
		v, diags := a.Expr.Value(s.context(each))
		if diags.HasErrors() {
			return nil, diags
		}
		values[name] = v
	}
	blocks := map[string][]cty.Value{}
	for _, child := range body.Blocks {
		inner, err := s.evaluate(child.Body, schema.Blocks[child.Type].providerSchema, each)
		if err != nil {
			return nil, err
		}
		blocks[child.Type] = append(blocks[child.Type], cty.ObjectVal(inner))
	}
	for name, list := range blocks {
		values[name] = cty.TupleVal(list)
	}
	return values, nil
}

// read evaluates a data source: the account that tests have, or a policy document.
func (s *scope) read(b *hclsyntax.Block) error {
	values, err := s.evaluate(b.Body, s.schema.DataSources[b.Labels[0]], nil)
	if err != nil {
		return err
	}
	switch b.Labels[0] {
	case "aws_caller_identity":
		values["account_id"] = cty.StringVal("123456789012")
	case "aws_partition":
		values["partition"] = cty.StringVal("aws")
	case "aws_iam_policy_document":
		if values["json"], err = policyJSON(values["statement"]); err != nil {
			return err
		}
	default:
		return fmt.Errorf("the plan of the tests cannot read %s", b.Labels[0])
	}
	s.data[strings.Join(b.Labels, ".")] = cty.ObjectVal(values)
	return nil
}

// policyJSON writes a policy as the provider does.
func policyJSON(statements cty.Value) (cty.Value, error) {
	var list []cty.Value
	for _, statement := range statements.AsValueSlice() {
		from := statement.AsValueMap()
		to := map[string]cty.Value{"Effect": cty.StringVal("Allow")}
		for argument, member := range map[string]string{"sid": "Sid", "effect": "Effect", "actions": "Action", "resources": "Resource"} {
			if v, ok := from[argument]; ok {
				to[member] = v
			}
		}
		if v, ok := from["principals"]; ok {
			to["Principal"] = byName(v, "type", "identifiers")
		}
		if v, ok := from["condition"]; ok {
			tests := map[string]cty.Value{}
			for _, c := range v.AsValueSlice() {
				tests[c.GetAttr("test").AsString()] = byName(cty.TupleVal([]cty.Value{c}), "variable", "values")
			}
			to["Condition"] = cty.ObjectVal(tests)
		}
		list = append(list, cty.ObjectVal(to))
	}
	return stdlib.JSONEncode(cty.ObjectVal(map[string]cty.Value{"Version": cty.StringVal("2012-10-17"), "Statement": cty.TupleVal(list)}))
}

func byName(list cty.Value, name, value string) cty.Value {
	all := map[string]cty.Value{}
	for _, v := range list.AsValueSlice() {
		all[v.GetAttr(name).AsString()] = v.GetAttr(value)
	}
	return cty.ObjectVal(all)
}

// functions are Terraform's that deploy/ calls. Another one is an error of the plan.
func functions() map[string]function.Function {
	return map[string]function.Function{
		"alltrue": alltrue(), "can": tryfunc.CanFunc, "contains": stdlib.ContainsFunc, "join": stdlib.JoinFunc, "jsondecode": stdlib.JSONDecodeFunc,
		"jsonencode": stdlib.JSONEncodeFunc, "keys": stdlib.KeysFunc, "length": stdlib.LengthFunc, "merge": stdlib.MergeFunc,
		"regex": stdlib.RegexFunc, "startswith": ofStrings(strings.HasPrefix), "strcontains": ofStrings(strings.Contains),
		"templatefile": templatefile(), "tostring": stdlib.MakeToFunc(cty.String), "trimprefix": stdlib.TrimPrefixFunc,
		"trimsuffix": stdlib.TrimSuffixFunc, "values": stdlib.ValuesFunc,
	}
}

func ofStrings(test func(s, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "s", Type: cty.String}, {Name: "part", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(test(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

func alltrue() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(!slices.ContainsFunc(args[0].AsValueSlice(), cty.Value.False)), nil
		},
	})
}

// templatefile renders a file with the language that the rest of Terraform is written in.
func templatefile() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "values", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := os.ReadFile(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			template, diags := hclsyntax.ParseTemplate(text, args[0].AsString(), hcl.InitialPos)
			if diags.HasErrors() {
				return cty.NilVal, diags
			}
			v, diags := template.Value(&hcl.EvalContext{Variables: args[1].AsValueMap(), Functions: functions()})
			return v, failed(diags)
		},
	})
}
