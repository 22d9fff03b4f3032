package graph

import (
	"slices"

	"github.com/roentgen/roentgen"
)

// The types of nodes that no document names.
const (
	typeRemote   = "remote"
	typeDatabase = "Database::SQL"
	typeBalancer = "AWS::ElasticLoadBalancing::LoadBalancer"
)

// nodes is the table of the nodes of one trace.
type nodes struct {
	rows []roentgen.NodeRow
	byID map[roentgen.ServiceID]int32 // nil while there are few
}

// fewNodes are found faster by looking at each than by hashing.
const fewNodes = 12

// find returns the node with this id, and makes it, inferred, where it is not
// there yet. Nodes that hold a segment, or stand for a client, are not
// inferred.
func (n *nodes) find(id roentgen.ServiceID, inferred bool) int32 {
	i, ok := n.lookUp(id)
	if !ok {
		i = n.add(id)
	}
	n.rows[i].Inferred = n.rows[i].Inferred && inferred
	return i
}

func (n *nodes) lookUp(id roentgen.ServiceID) (int32, bool) {
	if n.byID != nil {
		i, ok := n.byID[id]
		return i, ok
	}
	for i := range n.rows {
		if n.rows[i].ServiceID == id {
			return int32(i), true
		}
	}
	return 0, false
}

func (n *nodes) add(id roentgen.ServiceID) int32 {
	i := int32(len(n.rows))
	n.rows = append(n.rows, roentgen.NodeRow{ServiceID: id, Inferred: true})
	switch {
	case n.byID != nil:
		n.byID[id] = i
	case len(n.rows) > fewNodes:
		n.byID = make(map[roentgen.ServiceID]int32, 4*fewNodes)
		for j := range n.rows {
			n.byID[n.rows[j].ServiceID] = int32(j)
		}
	}
	return i
}

// alsoNamed adds another name of node i.
func (n *nodes) alsoNamed(i int32, name string) {
	row := &n.rows[i]
	if name == "" || name == row.Name {
		return
	}
	if at, there := slices.BinarySearch(row.Names, name); !there {
		row.Names = slices.Insert(row.Names, at, name)
	}
}

// identity is what a node is called: by its id, and by another name or none.
type identity struct {
	roentgen.ServiceID
	other string
}

// namer names nodes.
type namer struct {
	account string // that owns the traces
}

// service returns the id of the node that s belongs to. An account that owns
// the trace is left out, so that naming it makes no second node.
func (f *namer) service(s *roentgen.Segment) roentgen.ServiceID {
	id := s.Service()
	id.AccountID = f.foreign(id.AccountID)
	return id
}

func (f *namer) foreign(account string) string {
	if account == f.account {
		return ""
	}
	return account
}

// client returns the id of the node that stands for whoever called the root.
func (f *namer) client(root *roentgen.Segment) roentgen.ServiceID {
	id := f.service(root)
	id.Type = roentgen.ClientType
	return id
}

// balancer returns the id of the load balancer that s says it stands behind.
func balancer(s *roentgen.Segment) (id roentgen.ServiceID, ok bool) {
	if s.AWS == nil || s.AWS.ALBSelf == "" {
		return id, false
	}
	id = roentgen.ServiceID{Name: "load balancer", Type: typeBalancer}
	if host, _ := splitPort(requestHost(s)); host != "" {
		id.Name = host
	}
	return id, true
}

// callee names the node that the call c of the segment owner would lead to,
// had the callee sent nothing. owner may be nil.
func (f *namer) callee(c, owner *roentgen.Segment) identity {
	switch {
	case c.Namespace == roentgen.NamespaceAWS:
		id := awsResource(c)
		id.AccountID = f.foreign(callAccount(c, owner))
		return identity{ServiceID: id}
	case c.SQL != nil:
		return database(c)
	}
	id := roentgen.ServiceID{Name: c.Name, Type: typeRemote}
	// Some SDKs and meshes put the caller's name on what it calls, which would
	// make the service a neighbour of its own.
	if owner != nil && owner.Name == c.Name {
		if host := requestHost(c); host != "" {
			id.Name = host
		}
	}
	return identity{ServiceID: id}
}

// callAccount is that of the resource, where the call says so, and otherwise
// that of the caller: AWS calls stay in it unless told to leave.
func callAccount(c, owner *roentgen.Segment) string {
	if c.AWS != nil && c.AWS.AccountID != "" {
		return c.AWS.AccountID
	}
	if owner != nil && owner.AWS != nil {
		return owner.AWS.AccountID
	}
	return ""
}
