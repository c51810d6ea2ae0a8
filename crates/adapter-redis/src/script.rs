//! Lua scripts: how several steps in Redis are one.

use deadpool_redis::redis::aio::ConnectionLike;
use deadpool_redis::redis::{Cmd, FromRedisValue, RedisResult, Script, ServerErrorKind, ToRedisArgs, cmd};

use crate::error::is_of;

/// A script, run by its digest. Where the server does not know it, because it is new or lost its scripts, it is sent along.
pub(crate) struct LuaScript {
    source: &'static str,
    digest: String,
}

impl LuaScript {
    pub(crate) fn new(source: &'static str) -> Self {
        let digest = Script::new(source).get_hash().to_owned();
        Self { source, digest }
    }

    /// Runs it. In a cluster all `keys` have to be in one place.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        connection: &mut (impl ConnectionLike + Send),
        keys: &[impl AsRef<str>],
        arguments: &[impl ToRedisArgs],
    ) -> RedisResult<T> {
        let known = call("EVALSHA", &self.digest, keys, arguments);
        match known.query_async(connection).await {
            Err(error) if is_of(&error, ServerErrorKind::NoScript) => {
                call("EVAL", self.source, keys, arguments).query_async(connection).await
            }
            outcome => outcome,
        }
    }
}

fn call(how: &str, script: &str, keys: &[impl AsRef<str>], arguments: &[impl ToRedisArgs]) -> Cmd {
    let mut call = cmd(how);
    call.arg(script).arg(keys.len());
    for key in keys {
        call.arg(key.as_ref());
    }
    call.arg(arguments);
    call
}
