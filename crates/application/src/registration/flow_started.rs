//! The answer to whoever starts a flow: the same whether it leads anywhere or not.

use gatewright_domain::Duration;
use gatewright_domain::account::challenge::FlowId;

/// A flow that waits for a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowStarted {
    /// To be presented with the code.
    pub flow: FlowId,
    /// How long the proof works.
    pub expires_in: Duration,
}
