//! The registry of members, in Redis.

use super::message::{Published, ToOne};
use crate::script::LuaScript;
use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::{RedisResult, cmd};

/// Milliseconds that a registry is kept in which nobody beats: so long, and no longer, names of the dead may lie around.
const KEPT: &str = "3600000";

/// How often each member has beaten, by name.
pub(super) type Members = Vec<(String, u64)>;

/// Names and scripts.
pub(super) struct Registry {
    script: LuaScript,
    prefix: String,
    key: [String; 1],
}

impl Registry {
    pub(super) fn new(key_prefix: &str) -> Self {
        Self {
            script: LuaScript::new(include_str!("registry.lua")),
            prefix: key_prefix.to_owned(),
            key: [format!("{key_prefix}:members")],
        }
    }

    /// Where announcements are published.
    pub(super) fn common_channel(&self) -> String {
        format!("{}:announcements", self.prefix)
    }

    /// Where one member is sent to.
    pub(super) fn channel_of(&self, member: &str) -> String {
        format!("{}:member:{member}", self.prefix)
    }

    /// Makes `member` one, and `former` none any more.
    pub(super) async fn join(
        &self,
        mut connection: MultiplexedConnection,
        member: &str,
        former: &str,
    ) -> RedisResult<()> {
        let arguments = ["join", member, KEPT, former];
        self.script.run(&mut connection, &self.key, &arguments).await
    }

    pub(super) async fn leave(&self, mut connection: MultiplexedConnection, member: &str) -> RedisResult<()> {
        self.script.run(&mut connection, &self.key, &["leave", member]).await
    }

    /// Sends `member` its beat. Answers whether it is a member.
    pub(super) async fn beat(
        &self,
        mut connection: MultiplexedConnection,
        member: &str,
        number: u64,
    ) -> RedisResult<bool> {
        let (channel, message) = (self.channel_of(member), ToOne::Beat(number).encode());
        let arguments = ["beat", member, KEPT, &channel, &message];
        let answer: Option<Vec<()>> = self.script.run(&mut connection, &self.key, &arguments).await?;
        Ok(answer.is_some())
    }

    /// Publishes. Answers all members as of that moment; `None`, and nothing published, where the announcer is no member.
    pub(super) async fn announce(
        &self,
        mut connection: MultiplexedConnection,
        published: &Published,
    ) -> RedisResult<Option<Members>> {
        let (channel, message) = (self.common_channel(), published.encode());
        let arguments = ["announce", &published.announcer, &channel, &message];
        self.script.run(&mut connection, &self.key, &arguments).await
    }

    /// Strikes off those that have not beaten more often than this.
    pub(super) async fn strike_off(&self, mut connection: MultiplexedConnection, members: &Members) -> RedisResult<()> {
        let mut arguments = vec!["strike off".to_owned()];
        for (member, beats) in members {
            arguments.extend([member.clone(), beats.to_string()]);
        }
        self.script.run(&mut connection, &self.key, &arguments).await
    }

    /// Tells an announcer that `member` has heard.
    pub(super) async fn acknowledge(
        &self,
        mut connection: MultiplexedConnection,
        announcer: &str,
        heard: &ToOne,
    ) -> RedisResult<()> {
        let mut publish = cmd("PUBLISH");
        publish.arg(self.channel_of(announcer)).arg(heard.encode());
        publish.query_async(&mut connection).await
    }
}
