//! Redis servers, alone and as a cluster.

use crate::ports::{HOST, free_port};
use crate::process::Process;
use crate::process_folder::ProcessFolder;
use crate::waiting::wait_until;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LOG: &str = "redis.log";
const LONGEST_START: Duration = Duration::from_secs(30);
const LONGEST_ANSWER: Duration = Duration::from_secs(5);
const SLOTS: usize = 16_384;

/// A Redis server that keeps nothing on disk and listens on the loopback address.
pub struct RedisServer {
    // In front of the folder, so that it ends before that is removed.
    process: Option<Process>,
    program: PathBuf,
    settings: Vec<String>,
    port: u16,
    folder: ProcessFolder,
}

impl RedisServer {
    /// Starts `redis-server`, which is at `program`, with these arguments (`--maxmemory`, `2mb`) besides those for
    /// tests.
    ///
    /// # Errors
    /// With the end of the server's log, where it does not start.
    pub fn start(program: &Path, settings: &[&str]) -> io::Result<Self> {
        let mut server = Self {
            process: None,
            program: program.to_owned(),
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            port: free_port()?,
            folder: ProcessFolder::new()?,
        };
        server.start_again()?;
        Ok(server)
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// `127.0.0.1:<port>`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{HOST}:{}", self.port)
    }

    /// Starts it after [`stop`](Self::stop) or [`kill`](Self::kill), on the same port and empty, and waits until it
    /// answers.
    ///
    /// # Errors
    /// With the end of the server's log, where it does not start.
    pub fn start_again(&mut self) -> io::Result<()> {
        let mut command = Command::new(&self.program);
        command
            .args(["--bind", HOST, "--port", &self.port.to_string()])
            .args(["--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(self.folder.path())
            .args(&self.settings)
            .current_dir(self.folder.path());
        let mut process = self.folder.spawn_logged(&mut command, "TERM", LOG)?;
        let mut has_ended = false;
        let has_settled = wait_until(LONGEST_START, || {
            has_ended = process.has_ended();
            has_ended || self.command(&["PING"]).is_ok()
        });
        if has_ended || !has_settled {
            let log = self.folder.end_of_log(LOG);
            return Err(io::Error::other(format!("Redis does not start:\n{log}")));
        }
        self.process = Some(process);
        Ok(())
    }

    /// Stops it in good order.
    ///
    /// # Errors
    /// Where it does not end.
    pub fn stop(&mut self) -> io::Result<()> {
        self.process.take().map_or(Ok(()), |mut process| process.end())
    }

    /// Kills it.
    ///
    /// # Errors
    /// Where it does not end.
    pub fn kill(&mut self) -> io::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.signal("KILL")?;
            process.wait()?;
        }
        Ok(())
    }

    /// Halts it (SIGSTOP): connections stay open, and nothing is answered.
    ///
    /// # Errors
    /// Where the signal cannot be sent.
    pub fn pause(&mut self) -> io::Result<()> {
        self.process.as_mut().map_or(Ok(()), |process| process.signal("STOP"))
    }

    /// Lets it go on after [`pause`](Self::pause).
    ///
    /// # Errors
    /// Where the signal cannot be sent.
    pub fn resume(&mut self) -> io::Result<()> {
        self.process.as_mut().map_or(Ok(()), |process| process.signal("CONT"))
    }

    /// Sends a command over a connection of its own, as `FLUSHALL` or `CLIENT PAUSE`, and answers a simple or bulk
    /// string, or a number.
    ///
    /// # Errors
    /// Where the server does not answer, or with an error.
    pub fn command(&self, words: &[&str]) -> io::Result<String> {
        let mut connection = TcpStream::connect((HOST, self.port))?;
        connection.set_read_timeout(Some(LONGEST_ANSWER))?;
        write!(connection, "*{}\r\n", words.len())?;
        for word in words {
            write!(connection, "${}\r\n{word}\r\n", word.len())?;
        }
        read_answer(&mut BufReader::new(connection))
    }
}

fn read_answer(reader: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let line = line.trim_end();
    let unexpected = || io::Error::other(format!("Redis answers {line:?}"));
    match line.split_at_checked(1) {
        Some(("+" | ":", text)) => Ok(text.to_owned()),
        Some(("$", length)) => {
            let mut text = vec![0; length.parse().map_err(|_| unexpected())?];
            reader.read_exact(&mut text)?;
            String::from_utf8(text).map_err(|_| unexpected())
        }
        _ => Err(unexpected()),
    }
}

/// A Redis cluster of three masters without replicas.
pub struct RedisCluster {
    nodes: [RedisServer; 3],
}

impl RedisCluster {
    /// Starts three servers and joins them.
    ///
    /// # Errors
    /// Where a server does not start, or they do not find together.
    pub fn start(program: &Path) -> io::Result<Self> {
        let node = || RedisServer::start(program, &["--cluster-enabled", "yes", "--cluster-node-timeout", "5000"]);
        let nodes = [node()?, node()?, node()?];
        let [first, ..] = &nodes;
        for (number, node) in nodes.iter().enumerate() {
            let slots = SLOTS * number / nodes.len()..SLOTS * (number + 1) / nodes.len();
            let slots: Vec<String> = slots.map(|slot| slot.to_string()).collect();
            let mut words = vec!["CLUSTER", "ADDSLOTS"];
            words.extend(slots.iter().map(String::as_str));
            node.command(&words)?;
            node.command(&["CLUSTER", "SET-CONFIG-EPOCH", &(number + 1).to_string()])?;
            if node.port != first.port {
                node.command(&["CLUSTER", "MEET", HOST, &first.port.to_string()])?;
            }
        }
        let is_joined = |node: &RedisServer| {
            let said = node.command(&["CLUSTER", "INFO"]).unwrap_or_default();
            said.contains("cluster_state:ok") && said.contains("cluster_known_nodes:3")
        };
        if wait_until(LONGEST_START, || nodes.iter().all(is_joined)) {
            Ok(Self { nodes })
        } else {
            Err(io::Error::other("the nodes of the Redis cluster do not find together"))
        }
    }

    /// `redis+cluster://` and the addresses of all nodes.
    pub fn url(&self) -> String {
        let addresses: Vec<String> = self.nodes.iter().map(RedisServer::address).collect();
        format!("redis+cluster://{}", addresses.join(","))
    }

    /// Its nodes.
    pub fn nodes(&mut self) -> &mut [RedisServer] {
        &mut self.nodes
    }
}
