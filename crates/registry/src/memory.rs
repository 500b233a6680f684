use crate::commands::Submitted;
use crate::reads::Reads;

/// What the workers and loops of one process share.
#[derive(Debug, Default)]
pub struct Memory {
    pub submitted: Submitted,
    pub reads: Reads,
}
