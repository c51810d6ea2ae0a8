//! Access tokens: what they say, and how they are signed and verified.

#[cfg(test)]
mod handwritten_tokens;
pub(crate) mod paseto_access_tokens;
pub(crate) mod payload;
