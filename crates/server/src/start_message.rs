//! What the server says once it listens.

use crate::logging::Style;
use crate::terminal;
use gatewright::config::Config;
use gatewright::config::database::DatabaseConfig;
use gatewright::config::environment::Environment;
use gatewright::config::setting::without_user_information;
use secrecy::{ExposeSecret, SecretString};
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
    mails: String,
    database: String,
    redis: Option<String>,
}

impl StartMessage {
    fn new(config: &Config, bound: SocketAddr) -> Self {
        let address = format!("http://{}", reachable_here(bound));
        Self {
            environment: config.environment.as_str(),
            everywhere: bound.ip().is_unspecified(),
            public: config
                .public_base_url(bound.port())
                .as_str()
                .trim_end_matches('/')
                .to_owned(),
            mails: mails(config, &address),
            database: database(config),
            redis: config
                .storage
                .redis
                .as_ref()
                .map(|redis| without_credentials(&redis.url)),
            address,
        }
    }

    fn block(&self) -> String {
        let Self {
            address,
            mails,
            database,
            ..
        } = self;
        let version = env!("CARGO_PKG_VERSION");
        let everywhere = if self.everywhere {
            "  (and every other address of this machine)"
        } else {
            ""
        };
        let redis = self
            .redis
            .as_ref()
            .map_or_else(String::new, |redis| format!(", {redis}"));
        format!(
            "
  Gatewright {version} is ready ({} mode)

    listens on      {address}{everywhere}
    links lead to   {}
    documentation   {address}/docs
    mails           {mails}
    data            {database}{redis}
    administrator   gatewright admin create --email you@example.com --password-stdin

  Settings: gatewright config explain.  Stop: Ctrl-C.
",
            self.environment, self.public,
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
            mails = self.mails,
            database = self.database,
            redis = self.redis,
            "Gatewright listens on {}",
            self.address
        );
    }
}

/// Where mails go: to the mail server, or into files.
fn mails(config: &Config, address: &str) -> String {
    if let Some(smtp) = &config.mail.smtp {
        return without_credentials(&smtp.url);
    }
    let folder = in_full(&config.storage.mail_dir());
    match config.environment {
        Environment::Development => format!("{address}/dev/mail, files in {}", folder.display()),
        Environment::Production => folder.display().to_string(),
    }
}

fn database(config: &Config) -> String {
    match &config.storage.database {
        DatabaseConfig::Sqlite(sqlite) => in_full(&sqlite.file).display().to_string(),
        DatabaseConfig::Postgres(postgres) => without_credentials(&postgres.url),
    }
}

/// Nothing but where it is: parameters may name files and schemas, and are of no use to whoever looks.
fn without_credentials(url: &SecretString) -> String {
    let shown = without_user_information(url.expose_secret());
    shown.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// An address this machine reaches the server by: the one it listens on, or the loopback where that is any.
pub(crate) fn reachable_here(bound: SocketAddr) -> SocketAddr {
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
    fn servers_are_named_without_their_passwords() {
        let pairs = [
            ("DATABASE_URL", "postgres://u:canary-a@db:5432/id?password=canary-b"),
            ("REDIS_URL", "rediss://:canary-c@cache"),
            ("SMTP_URL", "smtp://u:canary-d@mail:587?tls=starttls"),
        ];
        let block = block(&pairs, "127.0.0.1:8000");
        assert!(!block.contains("canary"), "{block}");
        assert!(
            block.contains("data            postgres://…@db:5432/id, rediss://…@cache\n"),
            "{block}"
        );
        assert!(block.contains("mails           smtp://…@mail:587\n"), "{block}");
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
