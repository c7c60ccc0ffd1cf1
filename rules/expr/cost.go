package expr

// cost bounds what an expression may take.
func (a *analysis) cost() {}
