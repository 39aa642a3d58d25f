// Package funcs tells functions apart, so that values that hold functions can be compared.
package funcs

import (
	"fmt"
	"reflect"
	"runtime"
	"unsafe"
)

// An ID is the identity of a function value: its code and the variables it has captured. Two calls of one function
// literal that captures variables make two functions; one that captures nothing, or a declared function, is always the
// same. So equal IDs are the same function, and a function that is made twice may have two. The ID of nil is the zero ID.
type ID struct{ closure unsafe.Pointer }

// Of returns the ID of f, which must be a function.
func Of(f any) ID {
	v := reflect.ValueOf(f)
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return ID{*(*unsafe.Pointer)(p.UnsafePointer())} // a function is a pointer to its code and what it has captured
}

// String returns the name of the function, and an address that is its own.
func (id ID) String() string {
	if id.closure == nil {
		return "nil"
	}
	name := "func"
	if f := runtime.FuncForPC(*(*uintptr)(id.closure)); f != nil {
		name = f.Name()
	}
	return fmt.Sprintf("%s at %p", name, id.closure)
}
