//! What a user reads who joins shapes that do not fit: compile errors are part of the interface.

/// `TRYBUILD=overwrite cargo test --test ui` writes the messages anew, after the compiler changed its wording.
#[test]
fn compile_errors() {
    let tests = trybuild::TestCases::new();
    tests.pass("fits/*.rs");
    tests.compile_fail("cases/*.rs");
}
