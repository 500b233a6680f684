//! What the system under test says of itself and of the processes on it (Linux).

use std::fs;

/// Resident memory of each process, in KiB.
pub fn memory(processes: &[(&'static str, u32)]) -> Vec<(&'static str, u64)> {
    processes.iter().map(|(name, pid)| (*name, field(&format!("/proc/{pid}/status"), "VmRSS:").unwrap_or(0))).collect()
}

/// The most memory that a process has had resident, in KiB.
pub fn peak(pid: u32) -> u64 {
    field(&format!("/proc/{pid}/status"), "VmHWM:").unwrap_or(0)
}

pub fn describe() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown CPU", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = field("/proc/meminfo", "MemTotal:").unwrap_or(0) / 1024 / 1024;
    format!("{cores} cores ({model}), {memory} GiB")
}

fn field(path: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
}
