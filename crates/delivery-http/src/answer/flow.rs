//! A flow that waits for its proof.

use gatewright_application::registration::flow_started::FlowStarted;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A flow that waits for a code or a link. It looks the same whether any mail was sent or not.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Flow)]
pub(crate) struct FlowAnswer {
    /// To be sent back together with the code.
    flow_id: Uuid,
    /// For how many seconds the proof works.
    expires_in: i64,
}

impl From<FlowStarted> for FlowAnswer {
    fn from(started: FlowStarted) -> Self {
        Self {
            flow_id: started.flow.0,
            expires_in: started.expires_in.whole_seconds(),
        }
    }
}
