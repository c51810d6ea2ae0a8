//! What happens around every request.

mod access_log;
mod envelope;
mod request_id;
mod response_headers;
mod trace_span;
mod under_way;

pub(crate) use access_log::RoutePattern;
pub(crate) use envelope::Envelope;
pub(crate) use request_id::RequestId;
