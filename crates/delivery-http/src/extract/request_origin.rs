//! Where a request comes from.

use crate::cookies;
use crate::middleware::RequestId;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::USER_AGENT;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use gatewright_application::request::RequestContext;
use gatewright_domain::session::client::{Client, DeviceId, UserAgent};
use std::future::{Ready, ready};

/// The header in which clients name their device.
pub(crate) const DEVICE_ID_HEADER: &str = "Device-Id";

/// The client and the request's id. The address is the peer's: headers that any client can write are not believed.
#[derive(Debug)]
pub(crate) struct RequestOrigin(pub(crate) RequestContext);

impl FromRequest for RequestOrigin {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(device_of(request).map(|device| {
            let user_agent = request.headers().get(USER_AGENT);
            let client = Client {
                device,
                address: request.peer_addr().map(|peer| peer.ip().to_canonical()),
                user_agent: user_agent
                    .and_then(|text| UserAgent::from_header(&String::from_utf8_lossy(text.as_bytes()))),
            };
            let request_id = request.extensions().get::<RequestId>().map(ToString::to_string);
            Self(RequestContext {
                client,
                request_id: request_id.unwrap_or_default(),
            })
        }))
    }
}

fn device_of(request: &HttpRequest) -> Result<Option<DeviceId>, Problem> {
    let Some(named) = request.headers().get(DEVICE_ID_HEADER) else {
        let remembered = request.cookie(cookies::DEVICE_COOKIE);
        return Ok(remembered.and_then(|cookie| DeviceId::parse(cookie.value()).ok()));
    };
    let device = named.to_str().ok().and_then(|text| DeviceId::parse(text).ok());
    device.map(Some).ok_or_else(|| {
        let detail = "the header Device-Id has 1 to 128 visible ASCII characters";
        Problem::field("", "invalid_device_id", detail)
    })
}
