fn main() -> std::process::ExitCode {
    chassis::main(&interactions::SERVICE)
}
