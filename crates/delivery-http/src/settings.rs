//! What the HTTP side can be told, as plain values; the composition root fills them in.

use std::time::Duration;
use url::Url;

/// Largest request body accepted, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Settings of the HTTP side.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Where users reach the service: links, cookies' origin checks and the document's server. Never taken from a request.
    pub public_base_url: Url,
    /// Further origins whose pages may call the API from a browser, with credentials.
    pub cors_origins: Vec<Url>,
    /// `SameSite` of the cookies.
    pub cookie_same_site: CookieSameSite,
    /// What the service is called on its pages.
    pub service_name: String,
    /// Fewest characters of a new password, told on pages and in the API's description.
    pub password_min_length: usize,
    /// Whether `/metrics` is served beside the API.
    pub metrics_on_main_port: bool,
    /// How long a request's head may take to arrive.
    pub head_deadline: Duration,
    /// How long a request's body may take to arrive.
    pub body_deadline: Duration,
    /// How long a client may take to fetch an answer.
    pub answer_deadline: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
}

/// When a browser sends the cookies along with requests that other sites cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieSameSite {
    /// Never (the default).
    Strict,
    /// When a link is followed.
    Lax,
    /// Always: for pages of another site that are listed in [`HttpSettings::cors_origins`].
    None,
}

impl HttpSettings {
    /// The defaults, for a service reached at `public_base_url`.
    #[must_use]
    pub fn new(public_base_url: Url) -> Self {
        Self {
            public_base_url,
            cors_origins: Vec::new(),
            cookie_same_site: CookieSameSite::Strict,
            service_name: "Gatewright".to_owned(),
            password_min_length: gatewright_domain::password::policy::NIST_MIN_LENGTH,
            metrics_on_main_port: false,
            head_deadline: Duration::from_secs(5),
            body_deadline: Duration::from_secs(10),
            answer_deadline: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
        }
    }

    /// Whether users reach the service through TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.public_base_url.scheme() == "https"
    }

    /// The path the service is mounted under, without a slash at its end.
    pub(crate) fn base_path(&self) -> &str {
        self.public_base_url.path().trim_end_matches('/')
    }

    /// The origins whose pages may use the cookies, as browsers write them (RFC 6454 §6.2).
    pub(crate) fn trusted_origins(&self) -> Vec<String> {
        let urls = [&self.public_base_url].into_iter().chain(&self.cors_origins);
        urls.map(|url| url.origin().ascii_serialization()).collect()
    }
}
