//! The product as a test meets it: the real binary, in as many processes as the chosen set has.

use crate::client::Client;
use crate::environment::Environment;
use crate::mailbox::Mailbox;
use crate::replica::Replica;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::Arc;

/// A running server, of one replica or more; all of them are killed when it is dropped.
pub struct Server {
    // In front of what they run in.
    replicas: Vec<Replica>,
    environment: Arc<Environment>,
}

impl Server {
    /// A server with default settings in a fresh environment.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with these settings in a fresh environment.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        Self::start_in(Arc::new(Environment::new(settings)))
    }

    /// A server in an environment that other commands have been run in.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn start_in(environment: Arc<Environment>) -> Self {
        // One after the other: in development the first makes the keys for all.
        let replicas = (0..environment.replicas())
            .map(|_| Replica::start(&mut environment.command(&[])))
            .collect();
        Self { replicas, environment }
    }

    /// Kills this server at once, as a loss of power would, and starts another on the same data.
    pub fn kill_and_restart(mut self) -> Self {
        self.kill();
        Self::start_in(Arc::clone(&self.environment))
    }

    /// Kills every process (SIGKILL) and waits for their end.
    pub fn kill(&mut self) {
        self.replicas.iter_mut().for_each(Replica::kill);
    }

    /// Asks every process to stop (SIGTERM).
    pub fn terminate(&self) {
        self.replicas.iter().for_each(Replica::terminate);
    }

    /// Waits for every process to end by itself; answers how the first one did that ended badly, or else the last.
    ///
    /// # Panics
    /// Where they cannot be waited for.
    pub fn wait(&mut self) -> ExitStatus {
        let ends: Vec<ExitStatus> = self.replicas.iter_mut().map(Replica::wait).collect();
        let bad = ends.iter().find(|status| !status.success());
        *bad.or(ends.last()).unwrap()
    }

    /// A client of this server. Each of its requests goes to the next replica, as behind a load balancer.
    pub fn client(&self) -> Client {
        let base_urls = self.replicas.iter().map(|replica| replica.base_url().to_owned());
        Client::new(base_urls.collect())
    }

    /// Its processes.
    pub fn replicas(&self) -> &[Replica] {
        &self.replicas
    }

    /// `http://127.0.0.1:<port>` of the first replica.
    pub fn base_url(&self) -> &str {
        self.first().base_url()
    }

    /// The process id of the first replica.
    pub fn pid(&self) -> u32 {
        self.first().pid()
    }

    /// The mails it sent.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox::new(self.data_dir().join("mail"))
    }

    /// What it runs in.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Its data directory.
    pub fn data_dir(&self) -> &Path {
        self.environment.data_dir()
    }

    /// Everything that its processes have printed and logged so far, one after the other.
    pub fn output(&self) -> String {
        self.replicas.iter().map(Replica::output).collect()
    }

    /// Another command of the same binary in the same environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.environment.command(arguments)
    }

    fn first(&self) -> &Replica {
        self.replicas.first().unwrap()
    }
}
