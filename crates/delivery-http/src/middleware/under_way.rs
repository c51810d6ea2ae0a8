//! A request for as long as it is unanswered.

use crate::server::pace::Pace;
use crate::traffic::Traffic;
use actix_web::dev::ServiceRequest;
use std::rc::Rc;
use std::sync::Arc;

/// Counts a request as under way until it is dropped: answered, or given up because its client is gone.
pub(super) struct UnderWay {
    traffic: Arc<Traffic>,
    /// The connection's; none where a host application serves us by a server of its own.
    pace: Option<Rc<Pace>>,
}

impl UnderWay {
    pub(super) fn begin(request: &ServiceRequest, traffic: &Arc<Traffic>) -> Self {
        let pace = request.conn_data::<Rc<Pace>>().cloned();
        traffic.request_began();
        if let Some(pace) = &pace {
            pace.request_began();
        }
        Self {
            traffic: Arc::clone(traffic),
            pace,
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.traffic.request_ended();
        if let Some(pace) = &self.pace {
            pace.request_ended();
        }
    }
}
