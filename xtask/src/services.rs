//! `cargo xtask services`: the servers that the tests talk to.
//!
//! PostgreSQL, Redis alone and as a cluster, and a mail server, each on a free port with a temporary folder. How tests
//! find them is told by the variables they are given, see [`EXPORTS`].

mod certificates;
mod packages;
mod smtp;

use crate::commands::run_to_its_end;
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use gatewright_private_servers::{PostgresServer, RedisCluster, RedisServer, installed_postgres, installed_redis};
use packages::Needed;
use smtp::SmtpServer;
use std::any::Any;
use std::env;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus};
use std::thread;

/// What `--help` tells about the variables.
pub(crate) const EXPORTS: &str = "\
Exports for the tests:
  GATEWRIGHT_TEST_POSTGRES_URL       a superuser's; DATABASE_URL=postgres://… given by hand is used instead
  GATEWRIGHT_TEST_POSTGRES_BIN       folder of initdb and postgres, for tests that break a server of their own
  GATEWRIGHT_TEST_FAKETIME           libfaketime.so.1, for tests that set a clock wrong
  GATEWRIGHT_TEST_REDIS_URL          REDIS_URL=redis://… given by hand is used instead
  GATEWRIGHT_TEST_REDIS_CLUSTER_URL  REDIS_URL=redis+cluster://… given by hand is used instead
  GATEWRIGHT_TEST_REDIS_SERVER       path of redis-server, for tests that break a server of their own
  GATEWRIGHT_TEST_SMTP_PLAIN, _STARTTLS, _IMPLICIT, _WRONG_NAME
                                     host:port of a listener; the last has a certificate for another name
  GATEWRIGHT_TEST_SMTP_CA            file (PEM) of the authority that signed the certificates
  GATEWRIGHT_TEST_SMTP_USER, _PASSWORD
  GATEWRIGHT_TEST_SMTP_MAILBOX       folder of received mails; xtask/services/smtp_server.py tells what a recipient's
                                     address can ask of the server

What is missing is installed by apt-get, where that may be done without asking.

Examples: cargo xtask services -- cargo test -p gatewright-adapter-redis
          cargo xtask services --only postgres,redis";

/// One of the services.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Service {
    /// A PostgreSQL server.
    Postgres,
    /// A Redis server, and a cluster of three.
    Redis,
    /// A mail server.
    Smtp,
}

/// An environment variable.
type Variable = (&'static str, String);

/// A running server, kept for what happens when it is dropped, and how to find it.
type Started = (Box<dyn Any + Send>, Vec<Variable>);

/// How a server is started.
struct Start {
    service: Service,
    /// The variable that need not be exported, and the server not be started, where it was given by hand.
    finds: &'static str,
    needs: &'static [Needed],
    run: fn() -> Result<Started>,
}

const STARTS: [Start; 4] = [
    Start {
        service: Service::Postgres,
        finds: "GATEWRIGHT_TEST_POSTGRES_URL",
        needs: &[Needed::Postgres, Needed::Faketime],
        run: start_postgres,
    },
    Start {
        service: Service::Redis,
        finds: "GATEWRIGHT_TEST_REDIS_URL",
        needs: &[Needed::Redis],
        run: start_redis,
    },
    Start {
        service: Service::Redis,
        finds: "GATEWRIGHT_TEST_REDIS_CLUSTER_URL",
        needs: &[Needed::Redis],
        run: start_redis_cluster,
    },
    Start {
        service: Service::Smtp,
        finds: "GATEWRIGHT_TEST_SMTP_PLAIN",
        needs: &[Needed::Aiosmtpd, Needed::Openssl],
        run: start_smtp,
    },
];

/// Running services; they end when this is dropped, and also when this process is interrupted or killed.
pub(crate) struct Services {
    variables: Vec<Variable>,
    _running: Vec<Box<dyn Any + Send>>,
}

impl Services {
    /// Installs what is missing and starts these services, or all of them for none, side by side.
    pub(crate) fn start(only: &[Service]) -> Result<Self> {
        let mut variables = given_by_hand();
        let is_wanted = |start: &Start| {
            let is_given = variables.iter().any(|(name, _)| *name == start.finds);
            (only.is_empty() || only.contains(&start.service)) && !is_given
        };
        let starts: Vec<Start> = STARTS.into_iter().filter(is_wanted).collect();
        packages::install_missing(starts.iter().flat_map(|start| start.needs))?;
        variables.extend(programs()?);

        let threads: Vec<_> = starts.into_iter().map(|start| thread::spawn(start.run)).collect();
        // Every one of them is waited for, so that those that did start are ended when one did not.
        let outcomes: Vec<Result<Started>> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| bail!("a start panicked")))
            .collect();
        let started = outcomes.into_iter().collect::<Result<Vec<Started>>>()?;
        let (running, found): (_, Vec<_>) = started.into_iter().unzip();
        variables.extend(found.into_iter().flatten());
        Ok(Self {
            variables,
            _running: running,
        })
    }

    /// How tests find them.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

/// Servers that somebody else runs, by the settings of Gatewright that name them.
fn given_by_hand() -> Vec<Variable> {
    let read = |name| env::var_os(name).and_then(|url| url.into_string().ok());
    let is_postgres = |url: &String| url.starts_with("postgres:") || url.starts_with("postgresql:");
    let database = read("DATABASE_URL").filter(is_postgres);
    let database = database.map(|url| ("GATEWRIGHT_TEST_POSTGRES_URL", url));
    let redis = read("REDIS_URL").map(|url| {
        let is_cluster = url.contains("+cluster:");
        let name = if is_cluster {
            "GATEWRIGHT_TEST_REDIS_CLUSTER_URL"
        } else {
            "GATEWRIGHT_TEST_REDIS_URL"
        };
        (name, url)
    });
    database.into_iter().chain(redis).collect()
}

/// For tests that break a server of their own.
fn programs() -> Result<Vec<Variable>> {
    let postgres = installed_postgres().map(|folder| Ok(("GATEWRIGHT_TEST_POSTGRES_BIN", text_of(&folder)?)));
    let redis = installed_redis().map(|program| Ok(("GATEWRIGHT_TEST_REDIS_SERVER", text_of(&program)?)));
    let faketime = packages::faketime_library();
    let faketime = faketime.map(|library| Ok(("GATEWRIGHT_TEST_FAKETIME", text_of(&library)?)));
    postgres.into_iter().chain(redis).chain(faketime).collect()
}

/// Starts services, runs a command with them, and answers its exit code. Without a command it prints the variables and
/// stays until it is interrupted.
pub(crate) fn run(only: &[Service], command: &[String]) -> Result<ExitCode> {
    let services = Services::start(only)?;
    if let [program, arguments @ ..] = command {
        let mut command = Command::new(program);
        command.args(arguments).envs(services.variables());
        return Ok(exit_code(run_to_its_end(&mut command)?));
    }
    for (name, value) in services.variables() {
        println!("export {name}='{value}'");
    }
    eprintln!("services: running until Ctrl-C");
    loop {
        thread::park();
    }
}

/// As a shell has it: 128 and the signal's number for a command that was killed.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    code.and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}

fn start_postgres() -> Result<Started> {
    let server = PostgresServer::start(&installed_postgres().context("PostgreSQL is gone")?, &[])?;
    let url = server.url();
    Ok((Box::new(server), vec![("GATEWRIGHT_TEST_POSTGRES_URL", url)]))
}

fn start_redis() -> Result<Started> {
    let server = RedisServer::start(&installed_redis().context("Redis is gone")?, &[])?;
    let url = server.url();
    Ok((Box::new(server), vec![("GATEWRIGHT_TEST_REDIS_URL", url)]))
}

fn start_redis_cluster() -> Result<Started> {
    let cluster = RedisCluster::start(&installed_redis().context("Redis is gone")?)?;
    let url = cluster.url();
    Ok((Box::new(cluster), vec![("GATEWRIGHT_TEST_REDIS_CLUSTER_URL", url)]))
}

fn start_smtp() -> Result<Started> {
    let server = SmtpServer::start()?;
    let variables = server.variables()?;
    Ok((Box::new(server), variables))
}

fn text_of(path: &Path) -> Result<String> {
    path.to_str()
        .map(str::to_owned)
        .with_context(|| format!("{} is not UTF-8", path.display()))
}
