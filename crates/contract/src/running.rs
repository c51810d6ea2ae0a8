//! Running cases, so that a failure tells which one it was.

use std::any::{Any, type_name};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs one case on a fresh storage, of whichever ports its suite is about.
pub(crate) async fn on_fresh<F, Fut, S, C, Done>(factory: &F, case: C)
where
    F: Fn() -> Fut,
    Fut: Future<Output = S>,
    C: FnOnce(S) -> Done,
    Done: Future<Output = ()> + Send + 'static,
{
    run(case, factory().await).await;
}

/// Runs one case on `subject`.
pub(crate) async fn run<S, C, Done>(case: C, subject: S)
where
    C: FnOnce(S) -> Done,
    Done: Future<Output = ()> + Send + 'static,
{
    assert_eq!(
        Handle::current().runtime_flavor(),
        RuntimeFlavor::MultiThread,
        "a race needs threads: #[tokio::test(flavor = \"multi_thread\")]"
    );
    if let Err(failure) = tokio::spawn(case(subject)).await {
        fail::<C>(failure.into_panic().as_ref());
    }
}

/// Runs one case that needs no runtime on `subject`.
pub(crate) fn check<S, C: FnOnce(S)>(case: C, subject: S) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| case(subject))) {
        fail::<C>(payload.as_ref());
    }
}

fn fail<Case>(payload: &(dyn Any + Send)) -> ! {
    let said = payload.downcast_ref::<String>().map(String::as_str);
    let message = said.or_else(|| payload.downcast_ref::<&str>().copied());
    panic!(
        "the contract case {} failed: {}",
        type_name::<Case>(),
        message.unwrap_or("it panicked")
    );
}
