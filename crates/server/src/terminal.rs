//! Writing for people. Whoever reads may go away at any time: a closed pipe is no reason to panic, as `println!`
//! would.

use std::io::{self, Write};

/// Writes the answer of a command to standard output.
pub(crate) fn answer(text: &str) {
    write(io::stdout(), text);
}

/// Writes a remark, or what went wrong, to standard error.
pub(crate) fn remark(text: &str) {
    write(io::stderr(), text);
}

fn write(mut stream: impl Write, text: &str) {
    let line_end = if text.ends_with('\n') { "" } else { "\n" };
    // Nobody is left to be told.
    let _ = write!(stream, "{text}{line_end}").and_then(|()| stream.flush());
}
