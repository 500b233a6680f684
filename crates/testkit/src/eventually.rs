use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until the probe answers `Ok`, and returns what it holds. `Err` is the state it is in instead.
///
/// # Panics
/// After half a minute, with the last state.
pub async fn eventually<T, S, F>(mut probe: impl FnMut() -> F) -> T
where
    S: Debug,
    F: Future<Output = Result<T, S>>,
{
    let deadline = Instant::now() + PATIENCE;
    let mut poll = tokio::time::interval(Duration::from_millis(20));
    loop {
        poll.tick().await;
        match probe().await {
            Ok(value) => return value,
            Err(state) => assert!(Instant::now() < deadline, "still not so after {PATIENCE:?}: {state:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_condition_is_waited_for() {
        let mut asked = 0;
        let value = eventually(|| {
            asked += 1;
            let answer = if asked == 3 { Ok(asked) } else { Err(asked) };
            async move { answer }
        })
        .await;
        assert_eq!(value, 3);
    }
}
