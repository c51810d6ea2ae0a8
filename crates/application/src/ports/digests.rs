//! One-way forms of secrets and names, for storage.

use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::account::challenge::{ChallengePurpose, CodeDigest, FlowId, LinkDigest};
use secrecy::SecretString;

/// Turns secrets into what may be stored of them.
pub trait Digests: Send + Sync {
    /// Of a six-digit code. MUST be keyed with a secret that is not in the database (a million codes
    /// are tried in no time) and differ by flow and by purpose.
    fn code(&self, flow: FlowId, purpose: ChallengePurpose, code: &SecretString) -> CodeDigest;

    /// Of a link token. MUST differ by purpose.
    fn link(&self, purpose: ChallengePurpose, token: &SecretString) -> LinkDigest;

    /// Of what a counter counts, `kind` telling counters of different things apart. MUST be keyed, so
    /// that a stolen database does not tell which addresses were asked for.
    fn counter(&self, kind: &'static str, name: &str) -> CounterKey;
}
