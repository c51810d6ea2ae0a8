//! The whole product, tested from outside: one binary, one module a subject.

#[cfg(test)]
mod architecture;
