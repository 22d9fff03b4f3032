package test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"net/netip"
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
	m                          *terraform
	name                       string
	variables, locals, modules map[string]cty.Value
	data, ephemeral, their     map[string]cty.Value // by type.name; their: resources
	base                       *hcl.EvalContext     // of what is known now; nil when that has changed
}

// plan evaluates the module in dir with inputs.
func (p *planner) plan(name, dir string, inputs map[string]cty.Value) (outputs map[string]cty.Value, err error) {
	m, problems := readTerraform(dir)
	if len(problems) > 0 {
		return nil, fmt.Errorf("reading %s: %s", dir, strings.Join(problems, "; "))
	}
	s := &scope{planner: p, m: m, name: name, variables: map[string]cty.Value{}, locals: map[string]cty.Value{},
		modules: map[string]cty.Value{}, data: map[string]cty.Value{}, ephemeral: map[string]cty.Value{}, their: map[string]cty.Value{}}
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
	s.variables[name], s.base = value, nil
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
			s.base = nil
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
	for _, b := range slices.Concat(s.m.of("data"), s.m.of("ephemeral")) {
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
		case "ephemeral":
			_, there = s.ephemeral[words[1]+"."+words[2]]
		case "var", "each", "count", "path":
		default:
			_, there = s.their[words[0]+"."+words[1]]
		}
		if !there {
			return false
		}
	}
	return true
}

// context is what expressions may ask for now. each is each or count, and the iterators of dynamic blocks, by name.
func (s *scope) context(each map[string]cty.Value) *hcl.EvalContext {
	if s.base == nil {
		values := map[string]cty.Value{
			"var": cty.ObjectVal(s.variables), "local": cty.ObjectVal(s.locals), "module": cty.ObjectVal(s.modules),
			"path": cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(s.m.dir)}), "data": nested(s.data), "ephemeral": nested(s.ephemeral),
		}
		if their := nested(s.their); their.LengthInt() > 0 {
			maps.Copy(values, their.AsValueMap())
		}
		s.base = &hcl.EvalContext{Variables: values, Functions: functions()}
	}
	if each == nil {
		return s.base
	}
	turn := s.base.NewChild()
	turn.Variables = each
	return turn
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
	v, err := s.many(b, func(_ string, each map[string]cty.Value) (cty.Value, error) {
		inputs := map[string]cty.Value{}
		for name, a := range b.Body.Attributes {
			if name == "source" || slices.Contains(metaArguments, name) {
				continue
			}
			v, diags := a.Expr.Value(s.context(each))
			if diags.HasErrors() {
				return cty.NilVal, diags
			}
			inputs[name] = v
		}
		outputs, err := s.plan(b.Labels[0], filepath.Join(s.m.dir, sourceOf(b)), inputs)
		return cty.ObjectVal(outputs), err
	})
	s.modules[b.Labels[0]] = v
	return err
}

// make evaluates a resource, for each of its keys.
func (s *scope) make(b *hclsyntax.Block) error {
	v, err := s.many(b, func(key string, each map[string]cty.Value) (cty.Value, error) { return s.one(b, key, each) })
	s.their[addressOf(b)] = v
	return err
}

// many does something once, or for each of for_each or count.
func (s *scope) many(b *hclsyntax.Block, do func(key string, each map[string]cty.Value) (cty.Value, error)) (cty.Value, error) {
	if count := b.Body.Attributes["count"]; count != nil {
		return s.counted(count, do)
	}
	each := b.Body.Attributes["for_each"]
	if each == nil {
		return do("", nil)
	}
	over, diags := each.Expr.Value(s.context(nil))
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	all := map[string]cty.Value{}
	for it := over.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if over.Type().IsSetType() {
			key = value
		}
		if key.Type() != cty.String {
			return cty.NilVal, fmt.Errorf("for_each of %s is neither a map nor a set of strings", addressOf(b))
		}
		each := cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})
		v, err := do(key.AsString(), map[string]cty.Value{"each": each})
		if err != nil {
			return cty.NilVal, err
		}
		all[key.AsString()] = v
	}
	return cty.ObjectVal(all), nil
}

func (s *scope) counted(count *hclsyntax.Attribute, do func(key string, each map[string]cty.Value) (cty.Value, error)) (cty.Value, error) {
	v, diags := count.Expr.Value(s.context(nil))
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	n, _ := v.AsBigFloat().Int64()
	if n < 0 || n > 100 {
		return cty.NilVal, fmt.Errorf("a count of %d", n)
	}
	var all []cty.Value
	for i := range n {
		index := cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(i)})
		v, err := do(fmt.Sprint(i), map[string]cty.Value{"count": index})
		if err != nil {
			return cty.NilVal, err
		}
		all = append(all, v)
	}
	return cty.TupleVal(all), nil
}

func (s *scope) one(b *hclsyntax.Block, key string, each map[string]cty.Value) (cty.Value, error) {
	schema := s.schema.Resources[b.Labels[0]]
	values, err := s.evaluate(b.Body, each)
	if err != nil {
		return cty.NilVal, err
	}
	s.planner.planned = append(s.planner.planned, planned{s.name, b.Labels[0], b.Labels[1], key, values})
	return cty.ObjectVal(madeUp(b.Labels[0], strings.TrimSuffix(b.Labels[1]+"-"+key, "-"), values, schema)), nil
}

// evaluate gives the arguments of a body, and its blocks as lists of objects. Terraform's own arguments are not among them.
func (s *scope) evaluate(body *hclsyntax.Body, each map[string]cty.Value) (map[string]cty.Value, error) {
	values := map[string]cty.Value{}
	for name, a := range body.Attributes {
		if slices.Contains(metaArguments, name) {
			continue
		}
		v, diags := a.Expr.Value(s.context(each))
		if diags.HasErrors() {
			return nil, diags
		}
		values[name] = v
	}
	blocks := map[string][]cty.Value{}
	for _, child := range body.Blocks {
		if child.Type == "lifecycle" {
			continue
		}
		if err := s.evaluateBlock(child, each, blocks); err != nil {
			return nil, err
		}
	}
	for name, list := range blocks {
		values[name] = cty.TupleVal(list)
	}
	return values, nil
}

// evaluateBlock adds a block to those of its type, or as many as a dynamic one makes.
func (s *scope) evaluateBlock(child *hclsyntax.Block, each map[string]cty.Value, blocks map[string][]cty.Value) error {
	if child.Type != "dynamic" {
		inner, err := s.evaluate(child.Body, each)
		blocks[child.Type] = append(blocks[child.Type], cty.ObjectVal(inner))
		return err
	}
	over, diags := child.Body.Attributes["for_each"].Expr.Value(s.context(each))
	if diags.HasErrors() {
		return diags
	}
	name, content := child.Labels[0], contentOf(child)
	for it := over.ElementIterator(); it.Next(); {
		key, value := it.Element()
		with := maps.Clone(each)
		if with == nil {
			with = map[string]cty.Value{}
		}
		with[iteratorOf(child)] = cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})
		inner, err := s.evaluate(content, with)
		if err != nil {
			return err
		}
		blocks[name] = append(blocks[name], cty.ObjectVal(inner))
	}
	return nil
}

// read evaluates a data source or an ephemeral resource, for each of its keys: with what the account of the tests would
// answer, or the text of a policy.
func (s *scope) read(b *hclsyntax.Block) error {
	v, err := s.many(b, func(key string, each map[string]cty.Value) (cty.Value, error) {
		values, err := s.evaluate(b.Body, each)
		if err != nil {
			return cty.NilVal, err
		}
		if b.Labels[0] == "aws_iam_policy_document" {
			values["json"], err = policyJSON(values)
			return cty.ObjectVal(values), err
		}
		answer, ok := awsAnswers(b.Labels[1])[b.Labels[0]]
		if !ok {
			return cty.NilVal, fmt.Errorf("the plan of the tests cannot read %s", b.Labels[0])
		}
		maps.Copy(values, answer)
		return cty.ObjectVal(values), nil
	})
	if b.Type == "ephemeral" {
		s.ephemeral[strings.Join(b.Labels, ".")] = v
	} else {
		s.data[strings.Join(b.Labels, ".")] = v
	}
	return err
}

// members are the arguments of a policy's statement, and what they are called in its text.
var members = map[string]string{
	"sid": "Sid", "effect": "Effect", "actions": "Action", "not_actions": "NotAction", "resources": "Resource",
	"not_resources": "NotResource", "principals": "Principal", "not_principals": "NotPrincipal", "condition": "Condition",
}

// policyJSON writes a policy as the provider does, but that lists of one stay lists.
func policyJSON(values map[string]cty.Value) (cty.Value, error) {
	var list []cty.Value
	if sources, ok := values["source_policy_documents"]; ok {
		for _, source := range sources.AsValueSlice() {
			v, err := stdlib.JSONDecode(source)
			if err != nil {
				return cty.NilVal, err
			}
			list = append(list, v.GetAttr("Statement").AsValueSlice()...)
		}
	}
	for _, statement := range values["statement"].AsValueSlice() {
		to := map[string]cty.Value{"Effect": cty.StringVal("Allow")}
		for argument, v := range statement.AsValueMap() {
			switch argument {
			case "principals", "not_principals":
				v = byName(v, "type", "identifiers")
			case "condition":
				v = conditions(v)
			}
			to[members[argument]] = v
		}
		list = append(list, cty.ObjectVal(to))
	}
	return stdlib.JSONEncode(cty.ObjectVal(map[string]cty.Value{"Version": cty.StringVal("2012-10-17"), "Statement": cty.TupleVal(list)}))
}

// conditions are by test, and below that by variable.
func conditions(list cty.Value) cty.Value {
	tests := map[string][]cty.Value{}
	for _, c := range list.AsValueSlice() {
		test := c.GetAttr("test").AsString()
		tests[test] = append(tests[test], c)
	}
	all := map[string]cty.Value{}
	for test, cs := range tests {
		all[test] = byName(cty.TupleVal(cs), "variable", "values")
	}
	return cty.ObjectVal(all)
}

func byName(list cty.Value, name, value string) cty.Value {
	all := map[string]cty.Value{}
	for _, v := range list.AsValueSlice() {
		all[v.GetAttr(name).AsString()] = v.GetAttr(value)
	}
	return cty.ObjectVal(all)
}

// functions are Terraform's that deploy/ may call. Another one is an error of the plan.
func functions() map[string]function.Function {
	return map[string]function.Function{
		"alltrue": allTrue(), "can": tryfunc.CanFunc, "ceil": stdlib.CeilFunc, "cidrsubnet": cidrSubnet(), "coalesce": stdlib.CoalesceFunc,
		"compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "distinct": stdlib.DistinctFunc,
		"element": stdlib.ElementFunc, "endswith": ofStrings(strings.HasSuffix), "file": fileText(), "flatten": stdlib.FlattenFunc, "floor": stdlib.FloorFunc,
		"format": stdlib.FormatFunc, "formatlist": stdlib.FormatListFunc, "join": stdlib.JoinFunc, "jsondecode": stdlib.JSONDecodeFunc,
		"jsonencode": stdlib.JSONEncodeFunc, "keys": stdlib.KeysFunc, "length": stdlib.LengthFunc, "lookup": stdlib.LookupFunc,
		"lower": stdlib.LowerFunc, "max": stdlib.MaxFunc, "merge": stdlib.MergeFunc, "min": stdlib.MinFunc, "one": onlyElement(), "range": stdlib.RangeFunc,
		"regex": stdlib.RegexFunc, "replace": stdlib.ReplaceFunc, "reverse": stdlib.ReverseListFunc, "setproduct": stdlib.SetProductFunc,
		"slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "split": stdlib.SplitFunc, "startswith": ofStrings(strings.HasPrefix),
		"strcontains": ofStrings(strings.Contains), "templatefile": templatefile(), "title": stdlib.TitleFunc,
		"tobool": stdlib.MakeToFunc(cty.Bool), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
		"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), "tonumber": stdlib.MakeToFunc(cty.Number),
		"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String),
		"trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc,
		"try": tryfunc.TryFunc, "upper": stdlib.UpperFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
	}
}

// cidrSubnet gives the network of a number, newbits longer than the prefix.
func cidrSubnet() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "prefix", Type: cty.String}, {Name: "newbits", Type: cty.Number}, {Name: "netnum", Type: cty.Number}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			prefix, err := netip.ParsePrefix(args[0].AsString())
			if err != nil || !prefix.Addr().Is4() {
				return cty.NilVal, fmt.Errorf("%s is no network of IPv4: %w", args[0].AsString(), err)
			}
			more, _ := args[1].AsBigFloat().Int64()
			number, _ := args[2].AsBigFloat().Int64()
			bits := prefix.Bits() + int(more)
			if more < 0 || bits > 32 || number < 0 || number >= 1<<more {
				return cty.NilVal, fmt.Errorf("%s has no network %d of %d bits more", prefix, number, more)
			}
			base := binary.BigEndian.Uint32(prefix.Masked().Addr().AsSlice()) + uint32(number)<<(32-bits)
			address, _ := netip.AddrFromSlice(binary.BigEndian.AppendUint32(nil, base))
			return cty.StringVal(netip.PrefixFrom(address, bits).String()), nil
		},
	})
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

// onlyElement gives the only element of a list, or null of an empty one.
func onlyElement() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			switch all := args[0].AsValueSlice(); len(all) {
			case 0:
				return cty.NullVal(cty.DynamicPseudoType), nil
			case 1:
				return all[0], nil
			default:
				return cty.NilVal, fmt.Errorf("one of %d", len(all))
			}
		},
	})
}

func allTrue() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(!slices.ContainsFunc(args[0].AsValueSlice(), cty.Value.False)), nil
		},
	})
}

// fileText gives a file as it stands.
func fileText() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := os.ReadFile(filepath.Clean(args[0].AsString())) // as written: a copy of the tests has links
			return cty.StringVal(string(text)), err
		},
	})
}

// templatefile renders a file with the language that the rest of Terraform is written in.
func templatefile() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "values", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := os.ReadFile(filepath.Clean(args[0].AsString()))
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
