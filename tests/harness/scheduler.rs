//! One process of the scheduler.

use crate::environment::Environment;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A process that sends mails and runs jobs; it is killed when dropped.
pub struct Scheduler(Child);

impl Scheduler {
    /// Starts one.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start_in(environment: &Environment) -> Self {
        let mut command = environment.scheduler_command(&[]);
        // What it logs nobody reads.
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        Self(quiet.spawn().unwrap())
    }

    /// Asks it to stop (SIGTERM), waits for its end, and says how it ended and after how long.
    ///
    /// # Panics
    /// Where it cannot be asked or waited for.
    #[expect(clippy::disallowed_methods, reason = "times another process")]
    pub fn stop(mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        let asked = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        assert!(asked.unwrap().success());
        (self.0.wait().unwrap(), began.elapsed())
    }

    /// Kills it (SIGKILL) and waits for its end.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
