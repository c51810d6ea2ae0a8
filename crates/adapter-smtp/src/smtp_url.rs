//! Where the mail server is and how it is spoken to, in one line.

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use std::net::IpAddr;
use thiserror::Error;
use url::{Host, Url};

/// When TLS begins. In both modes with TLS the certificate and the host's name in it are verified, and there is no
/// falling back to a connection without (RFC 8314 §5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// With the first byte (RFC 8314 §3.3); usual on port 465.
    Implicit,
    /// By `STARTTLS` (RFC 3207), before anything else is said; usual on port 587.
    StartTls,
    /// Never: for a server on the same machine or in a network of its own.
    None,
}

/// A user name and its password.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: SecretString,
}

/// A mail server as `SMTP_URL` gives it: `smtp://user:password@host:port?tls=starttls`.
///
/// Without `tls`, port 465 means `implicit` and any other `starttls`; without a port, `tls` decides: 587, 465 for
/// `implicit`, 25 for `none`. Without TLS a password is sent to this machine only (`localhost`, 127.0.0.0/8, `::1`),
/// unless `unencrypted_password=allow` says that the network may see it. `Debug` hides the password.
#[derive(Debug, Clone)]
pub struct SmtpUrl {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: TlsMode,
    pub(crate) login: Option<Login>,
}

/// Why a text is no mail server. No message repeats any of the text: a password may be in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SmtpUrlError {
    /// Not `smtp://`.
    #[error("expected smtp://…; for TLS from the first byte write smtp://host:465?tls=implicit")]
    Scheme,
    /// It cannot be taken apart.
    #[error(
        "expected smtp://user:password@host:port?tls=starttls; in the user and the password write % / ? # @ and : \
         as %25 %2F %3F %23 %40 and %3A"
    )]
    Malformed,
    /// The host is neither a name in ASCII nor an address.
    #[error("the host is neither a name nor an IP address; write an international name as xn--…")]
    Host,
    /// Another parameter than the known ones, or one of them twice.
    #[error("the parameters after the ? are tls and unencrypted_password, each once")]
    Parameter,
    /// Another value of `tls`.
    #[error("tls is starttls, implicit or none")]
    Tls,
    /// A user without a password, or the other way round.
    #[error("a user needs a password and a password a user")]
    HalfALogin,
    /// User or password are not UTF-8 or hold a control character.
    #[error("the user and the password are UTF-8 without control characters")]
    Login,
    /// A password, a server elsewhere, and no TLS.
    #[error(
        "tls=none would show the password to the network; use starttls or implicit, or add unencrypted_password=allow \
         if nobody else is in that network"
    )]
    UnencryptedPassword,
}

/// What follows the `?`.
#[derive(Default)]
struct Parameters {
    tls: Option<TlsMode>,
    allows_unencrypted_password: bool,
}

impl SmtpUrl {
    /// Reads a mail server's URL.
    ///
    /// # Errors
    /// See [`SmtpUrlError`].
    pub fn parse(text: &str) -> Result<Self, SmtpUrlError> {
        let text = text.trim();
        if !text
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("smtp://"))
        {
            return Err(SmtpUrlError::Scheme);
        }
        let url = Url::parse(text).map_err(|_| SmtpUrlError::Malformed)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SmtpUrlError::Malformed);
        }
        let host = host_of(&url)?;
        let parameters = Parameters::of(&url)?;
        let login = login_of(&url)?;
        let tls = parameters.tls.unwrap_or(match url.port() {
            Some(465) => TlsMode::Implicit,
            _ => TlsMode::StartTls,
        });
        let port = url.port().unwrap_or(match tls {
            TlsMode::Implicit => 465,
            TlsMode::StartTls => 587,
            TlsMode::None => 25,
        });
        let is_seen = tls == TlsMode::None && login.is_some() && !is_loopback(&host);
        if is_seen && !parameters.allows_unencrypted_password {
            return Err(SmtpUrlError::UnencryptedPassword);
        }
        Ok(Self { host, port, tls, login })
    }

    /// `host:port`, for messages.
    #[must_use]
    pub fn server(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// When TLS begins.
    #[must_use]
    pub fn tls(&self) -> TlsMode {
        self.tls
    }
}

impl Parameters {
    fn of(url: &Url) -> Result<Self, SmtpUrlError> {
        let mut parameters = Self::default();
        for (name, value) in url.query_pairs() {
            match (&*name, &*value) {
                ("tls", _) if parameters.tls.is_some() => return Err(SmtpUrlError::Parameter),
                ("tls", "starttls") => parameters.tls = Some(TlsMode::StartTls),
                ("tls", "implicit") => parameters.tls = Some(TlsMode::Implicit),
                ("tls", "none") => parameters.tls = Some(TlsMode::None),
                ("tls", _) => return Err(SmtpUrlError::Tls),
                ("unencrypted_password", "allow") => parameters.allows_unencrypted_password = true,
                _ => return Err(SmtpUrlError::Parameter),
            }
        }
        Ok(parameters)
    }
}

fn host_of(url: &Url) -> Result<String, SmtpUrlError> {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    match url.host() {
        Some(Host::Ipv6(address)) => Ok(address.to_string()),
        Some(Host::Ipv4(address)) => Ok(address.to_string()),
        Some(Host::Domain(name)) if !name.is_empty() && name.bytes().all(is_of_name) => Ok(name.to_ascii_lowercase()),
        _ => Err(SmtpUrlError::Host),
    }
}

fn login_of(url: &Url) -> Result<Option<Login>, SmtpUrlError> {
    let decoded = |part: &str| {
        let text = percent_decode_str(part).decode_utf8().ok()?.into_owned();
        (!text.chars().any(char::is_control)).then_some(text)
    };
    match (url.username(), url.password().unwrap_or_default()) {
        ("", "") => Ok(None),
        ("", _) | (_, "") => Err(SmtpUrlError::HalfALogin),
        (user, password) => Ok(Some(Login {
            user: decoded(user).ok_or(SmtpUrlError::Login)?,
            password: decoded(password).ok_or(SmtpUrlError::Login)?.into(),
        })),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
