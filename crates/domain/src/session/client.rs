//! The client at the other end: its device, address and user agent.

use std::fmt;
use std::net::IpAddr;
use thiserror::Error;

/// Longest device id, in characters.
pub const MAX_DEVICE_ID_CHARS: usize = 128;
/// What is kept of a user agent, in characters.
pub const MAX_USER_AGENT_CHARS: usize = 256;

/// Names a device across sign-ins. Chosen by the client or minted by the server; it is no secret
/// and proves nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeviceId(String);

/// The text is not a device id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a device id has 1 to 128 visible ASCII characters")]
pub struct DeviceIdError;

impl DeviceId {
    /// Reads a device id.
    ///
    /// # Errors
    /// [`DeviceIdError`] where it has another form.
    pub fn parse(text: &str) -> Result<Self, DeviceIdError> {
        let fits = (1..=MAX_DEVICE_ID_CHARS).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(DeviceIdError)
        }
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a client says it is, cut to [`MAX_USER_AGENT_CHARS`] and stripped of control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent(String);

impl UserAgent {
    /// Keeps what is safe to store and show of a `User-Agent` header.
    #[must_use]
    pub fn from_header(text: &str) -> Option<Self> {
        let kept: String = text
            .chars()
            .filter(|c| !c.is_control())
            .take(MAX_USER_AGENT_CHARS)
            .collect();
        (!kept.trim().is_empty()).then_some(Self(kept))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A rough name for people, made of words of our own only: what a client says of itself is
    /// never repeated in a mail, where a stranger could use it to speak to our users.
    #[must_use]
    pub fn rough_name(&self) -> String {
        let find = |names: &[(&str, &'static str)]| {
            names
                .iter()
                .find(|(mark, _)| self.0.contains(mark))
                .map(|(_, name)| *name)
        };
        let program = find(&[
            ("Edg/", "Edge"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
            ("curl/", "curl"),
        ]);
        let system = find(&[
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("Linux", "Linux"),
        ]);
        match (program, system) {
            (Some(program), Some(system)) => format!("{program} on {system}"),
            (Some(name), None) | (None, Some(name)) => name.to_owned(),
            (None, None) => "an app".to_owned(),
        }
    }
}

/// Where a request comes from.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Client {
    /// The device it names, if it names one.
    pub device: Option<DeviceId>,
    /// Its network address.
    pub address: Option<IpAddr>,
    /// What it says it is.
    pub user_agent: Option<UserAgent>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// The network a client address is counted under: IPv4 as it is, IPv6 by its /64, which one
/// household or host commonly holds whole.
#[must_use]
pub fn counted_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_ids_are_visible_ascii_of_bounded_length() {
        assert!(DeviceId::parse("a").is_ok());
        assert!(DeviceId::parse(&"x".repeat(128)).is_ok());
        for text in ["", "a b", "a\n", "ä", &"x".repeat(129)] {
            assert_eq!(DeviceId::parse(text), Err(DeviceIdError), "{text:?}");
        }
    }

    #[test]
    fn user_agents_are_cut_and_cleaned() {
        assert_eq!(UserAgent::from_header("curl/8\r\nX: 1").unwrap().as_str(), "curl/8X: 1");
        assert_eq!(UserAgent::from_header(" \t"), None);
        assert_eq!(
            UserAgent::from_header(&"a".repeat(1000)).unwrap().as_str().len(),
            MAX_USER_AGENT_CHARS
        );
    }

    #[test]
    fn a30_the_rough_name_repeats_nothing_a_client_says() {
        let name = |text: &str| UserAgent::from_header(text).unwrap().rough_name();
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
        assert_eq!(name(firefox), "Firefox on Linux");
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0";
        assert_eq!(name(edge), "Edge on Windows");
        assert_eq!(name("curl/8.5.0"), "curl");
        assert_eq!(name("You won! Visit evil.example"), "an app");
    }

    #[test]
    fn a11_ipv6_addresses_are_counted_by_their_64_and_mapped_ones_as_ipv4() {
        let network = |text: &str| counted_network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }
}
