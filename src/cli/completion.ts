import { Argument, type Command } from 'commander';
import { type Context, writeAll } from './context.ts';
import { listedCommand } from './listed-commands.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

const examples = (program: string): string => `
Examples:
  For this session, or with the same line in ~/.bashrc for all:
  $ source <(${program} completion bash)

  For zsh, in ~/.zshrc after compinit:
  $ source <(${program} completion zsh)

  For fish, for good:
  $ ${program} completion fish > ~/.config/fish/completions/${program}.fish

  For PowerShell, in the file that $PROFILE names:
  $ ${program} completion powershell | Out-String | Invoke-Expression`;

/** `completion SHELL`. */
export function completionCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('completion');
  return command
    .addArgument(new Argument('SHELL', 'the shell').choices(shells))
    .addHelpText('after', examples(context.programName))
    .action(async (shell: (typeof shells)[number]) => {
      const { completedCommands } = await import('./completion-model.ts');
      const { completionScripts } = await import('./completion-scripts.ts');
      const commands = completedCommands(command.parent ?? command);
      const script = completionScripts[shell]({ programs: ['dicom-series-preview', 'dicom-mosaic'], commands });
      await writeAll(context.stdout, script);
      setExitCode(0);
    });
}
