//! The refresh token in a cookie, and who may cause a browser to send it.

use crate::cookies;
use crate::extract::state_of;
use crate::problem::{Problem, ProblemCode};
use actix_web::dev::Payload;
use actix_web::http::header::ORIGIN;
use actix_web::{FromRequest, HttpRequest};
use secrecy::SecretString;
use std::future::{Ready, ready};

/// The refresh token of the cookie, if there is one. It counts only where the request was caused by a page of this
/// service or of a listed origin; a request that does not say who caused it is not trusted either.
#[derive(Debug)]
pub(crate) struct RefreshCookie {
    token: Option<SecretString>,
    trusted: bool,
}

impl RefreshCookie {
    /// The token.
    ///
    /// # Errors
    /// `csrf_rejected` where there is one and another site caused the request.
    pub(crate) fn accept(self) -> Result<Option<SecretString>, Problem> {
        if self.token.is_some() && !self.trusted {
            let detail = "cookies count only for requests from this service's own pages and from listed origins";
            return Err(Problem::new(ProblemCode::CsrfRejected, detail));
        }
        Ok(self.token)
    }
}

impl FromRequest for RefreshCookie {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let cookie = request.cookie(cookies::REFRESH_COOKIE);
        let token = cookie.filter(|cookie| !cookie.value().is_empty());
        ready(state_of(request).map(|state| Self {
            token: token.map(|cookie| cookie.value().to_owned().into()),
            trusted: is_trusted(request, &state.trusted_origins),
        }))
    }
}

/// By `Origin`, or where there is none by `Sec-Fetch-Site`; browsers let no page set either.
fn is_trusted(request: &HttpRequest, trusted_origins: &[String]) -> bool {
    let headers = request.headers();
    match (headers.get(ORIGIN), headers.get("sec-fetch-site")) {
        (Some(origin), _) => trusted_origins
            .iter()
            .any(|trusted| origin.as_bytes() == trusted.as_bytes()),
        (None, Some(site)) => site.as_bytes() == b"same-origin",
        (None, None) => false,
    }
}
