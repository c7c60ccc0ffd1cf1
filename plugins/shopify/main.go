package main

import "github.com/musubi-run/musubi/sdk"

func init() { sdk.Register(connector()) }

func main() {}
