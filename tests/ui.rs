//! What a user reads who joins shapes that do not fit: compile errors are part of the interface.
#![cfg(not(any(target_family = "wasm", baregrad_tests_only)))] // trybuild runs the compiler

/// `TRYBUILD=overwrite cargo test --test ui` writes the messages anew, after the compiler changed its wording.
#[test]
fn compile_errors() {
    let tests = trybuild::TestCases::new();
    tests.pass("tests/ui/fits/*.rs");
    tests.compile_fail("tests/ui/*.rs");
}
