//! What the server says once it listens.

use crate::logging::Style;
use crate::terminal;
use gatewright::config::Config;
use gatewright::config::environment::Environment;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf, absolute};

/// The log target of the start line, which no level hides.
pub(crate) const LOG_TARGET: &str = "gatewright::start";

/// Says where the server listens and where everything is: a block for people, one line for machines.
pub(crate) fn tell(style: Style, config: &Config, bound: SocketAddr) {
    let message = StartMessage::new(config, bound);
    match style {
        Style::Text { .. } => terminal::answer(&message.block()),
        Style::Json => message.log(),
    }
}

struct StartMessage {
    environment: &'static str,
    /// Where a browser on this machine finds the server.
    address: String,
    everywhere: bool,
    public: String,
    mailbox: bool,
    mails: PathBuf,
    data: PathBuf,
}

impl StartMessage {
    fn new(config: &Config, bound: SocketAddr) -> Self {
        Self {
            environment: config.environment.as_str(),
            address: format!("http://{}", reachable_here(bound)),
            everywhere: bound.ip().is_unspecified(),
            public: config
                .public_base_url(bound.port())
                .as_str()
                .trim_end_matches('/')
                .to_owned(),
            mailbox: config.environment == Environment::Development,
            mails: in_full(&config.storage.mail_dir()),
            data: in_full(&config.storage.data_dir),
        }
    }

    fn block(&self) -> String {
        let Self {
            address, mails, data, ..
        } = self;
        let version = env!("CARGO_PKG_VERSION");
        let everywhere = if self.everywhere {
            "  (and every other address of this machine)"
        } else {
            ""
        };
        let mailbox = if self.mailbox {
            format!("{address}/dev/mail, files in ")
        } else {
            String::new()
        };
        format!(
            "
  Gatewright {version} is ready ({} mode)

    listens on      {address}{everywhere}
    links lead to   {}
    documentation   {address}/docs
    mails           {mailbox}{}
    data            {}
    administrator   gatewright admin create --email you@example.com --password-stdin

  Settings: gatewright config explain.  Stop: Ctrl-C.
",
            self.environment,
            self.public,
            mails.display(),
            data.display(),
        )
    }

    fn log(&self) {
        tracing::info!(
            target: LOG_TARGET,
            version = env!("CARGO_PKG_VERSION"),
            environment = self.environment,
            address = self.address,
            public_base_url = self.public,
            docs = format!("{}/docs", self.address),
            mails = %self.mails.display(),
            data = %self.data.display(),
            "Gatewright listens on {}",
            self.address
        );
    }
}

/// An address this machine reaches the server by: the one it listens on, or the loopback where that is any.
fn reachable_here(bound: SocketAddr) -> SocketAddr {
    if bound.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), bound.port())
    } else {
        bound
    }
}

fn in_full(path: &Path) -> PathBuf {
    absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright::config::given::Given;

    fn block(pairs: &[(&str, &str)], bound: &str) -> String {
        let config = Config::read(&Given::from_pairs(pairs.iter().copied())).unwrap();
        StartMessage::new(&config, bound.parse().unwrap()).block()
    }

    #[test]
    fn it_names_the_port_that_was_picked() {
        assert!(block(&[("BIND", "127.0.0.1:0")], "127.0.0.1:40123").contains("http://127.0.0.1:40123\n"));
    }

    #[test]
    fn a_server_that_listens_everywhere_is_reached_by_the_loopback() {
        assert!(block(&[], "0.0.0.0:8000").contains("http://127.0.0.1:8000  (and every"));
        assert!(block(&[], "[::]:8000").contains("http://127.0.0.1:8000  (and every"));
    }

    #[test]
    fn the_mail_page_is_named_in_development_only() {
        assert!(block(&[], "127.0.0.1:8000").contains("/dev/mail"));
        let production = [
            ("APP_ENV", "production"),
            ("PUBLIC_BASE_URL", "https://id.example.com"),
            ("SECRET_KEY", "x"),
            ("TOKEN_KEYS", "x"),
        ];
        let block = block(&production, "127.0.0.1:8000");
        assert!(
            !block.contains("/dev/mail") && block.contains("links lead to   https://id.example.com\n"),
            "{block}"
        );
    }
}
