// Package guides compiles the code in the guides of docs for those who come from another library, and tests what they say. It is a
// module of its own, as it depends on all of these libraries.
package guides
