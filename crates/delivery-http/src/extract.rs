//! Extractors: what an endpoint asks of a request stands in its signature, guards included.

mod authenticated;
mod body;
mod bounded;
mod form;
mod input_fault;
mod optional_body;
mod proof;
mod request_origin;

pub(crate) use authenticated::{Authenticated, BearerToken, MaybeAuthenticated, Public};
pub(crate) use body::Body;
pub(crate) use form::{FORM_MEDIA_TYPE, Form};
pub(crate) use optional_body::OptionalBody;
pub(crate) use proof::{SixDigitCode, proof, proof_schema};
pub(crate) use request_origin::{DEVICE_ID_HEADER, RequestOrigin};

use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::{HttpRequest, web};

/// The state, which `routes::configure` puts into every request's reach.
pub(crate) fn state_of(request: &HttpRequest) -> Result<&HttpState, Problem> {
    let state = request.app_data::<web::Data<HttpState>>();
    state.map(|state| &***state).ok_or_else(Problem::internal)
}
