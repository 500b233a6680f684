//! How much memory the allocator keeps to itself.

use std::process::Command;

/// glibc keeps a heap for each of some sixteen threads, and in each what its busiest moment took: with all services in one
/// process a third of its memory after an import. It reads what it may keep when a process begins, so the process begins
/// again with that set, unless somebody has set it otherwise. Other allocators take no notice.
pub fn keep_few() {
    const FEW: [(&str, &str); 3] =
        [("MALLOC_ARENA_MAX", "2"), ("MALLOC_TRIM_THRESHOLD_", "131072"), ("MALLOC_MMAP_THRESHOLD_", "131072")];
    if FEW.iter().any(|(name, _)| std::env::var_os(name).is_some()) {
        return;
    }
    #[cfg(all(unix, target_env = "gnu"))]
    if let Ok(program) = std::env::current_exe() {
        use std::os::unix::process::CommandExt as _;
        // It returns only where it fails, and then all goes on as it is.
        let mut arguments = std::env::args_os();
        let name = arguments.next().unwrap_or_else(|| program.clone().into());
        let failed = Command::new(program).arg0(name).args(arguments).envs(FEW).exec();
        tracing::debug!(error = &failed as &dyn std::error::Error, "the allocator keeps what it likes");
    }
}
