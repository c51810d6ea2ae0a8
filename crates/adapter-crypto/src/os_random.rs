//! The operating system's random number generator.

/// `N` random bytes.
///
/// # Panics
/// Where the operating system has none to give: nothing secret can be made then, and nothing may pretend to be.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::disallowed_methods, reason = "this is what the Secrets port stands on")]
    #[expect(clippy::expect_used, reason = "without randomness no secret may be made")]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
