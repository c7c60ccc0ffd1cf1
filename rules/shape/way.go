package shape

import "github.com/google/cel-go/common/types/ref"

// Find walks from an object to what stands at the end of a way of fields. A nil
// value says that something on the way is absent; false that only an
// expression can tell, because a field does not fit its type or is no object.
func (o *Object) Find(way []string) (ref.Val, bool) {
	for i, name := range way {
		v := o.find(name)
		if _, bad := v.(*broken); bad {
			return nil, false
		}
		if v == nil || i == len(way)-1 {
			return v, true
		}
		inner, ok := v.(*Object)
		if !ok {
			return nil, false
		}
		o = inner
	}
	return o, true
}
