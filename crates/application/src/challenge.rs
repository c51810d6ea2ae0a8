//! Challenges: making proofs and redeeming them, the same way for every purpose.

pub mod inspect_link;
pub mod issue;
pub mod redeem;
