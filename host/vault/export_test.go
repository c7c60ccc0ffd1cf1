package vault

// Forms is how many forms of a value are looked for.
func Forms(value string) int { return len(NewRedactor(value).known()) }
