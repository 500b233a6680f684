fn main() -> std::process::ExitCode {
    chassis::main(&scoring::SERVICE)
}
