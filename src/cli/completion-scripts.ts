import type { CompletedCommand, CompletedOption } from './completion-model.ts';

/** The names of the program, and what its commands are. */
interface Subject {
  readonly programs: readonly string[];
  readonly commands: readonly CompletedCommand[];
}

/** The scripts that teach a shell the commands, their options and values. */
export const completionScripts: Readonly<Record<'bash' | 'zsh' | 'fish' | 'powershell', (subject: Subject) => string>> =
  { bash, zsh, fish, powershell };

function bash({ programs, commands }: Subject): string {
  const options = commands.map(({ path, options: all, subcommands, words, takesFiles }) => {
    const names = all.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long]));
    const first = [...subcommands.map(({ name }) => name), ...words];
    return `    ${quoted(path)}) options=${quoted(names.join(' '))} words=${quoted(first.join(' '))} files=${takesFiles ? 1 : 0} ;;`;
  });
  return `# Completion for bash. Load it with: source <(${programs[0]} completion bash)
_dicom_series_preview() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path="" options="" words="" files=0 i
  # Bash takes --name=value apart at the equals sign.
  if [[ "$cur" == "=" ]]; then cur=""
  elif [[ "$prev" == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/\${COMP_WORDS[i]}" in
${steps(commands)
  .map(([from, name, to]) => `      ${quoted(`${from}/${name}`)}) path=${quoted(to)} ;;`)
  .join('\n')}
    esac
  done
  COMPREPLY=()
  local IFS=$'\\n'
  case "$path/$prev" in
${valueCases(commands)
  .map(([patterns, option]) => `    ${patterns.map(quoted).join('|')}) ${bashValue(option)}; return ;;`)
  .join('\n')}
  esac
  case "$path" in
${options.join('\n')}
  esac
  if [[ "$cur" == -* ]]; then COMPREPLY=($(compgen -W "\${options// /$'\\n'}" -- "$cur"))
  elif [[ -n "$words" ]]; then COMPREPLY=($(compgen -W "\${words// /$'\\n'}" -- "$cur"))
  elif [[ "$files" == 1 ]]; then compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -F _dicom_series_preview ${programs.join(' ')}
`;
}

function bashValue({ values, isFile }: CompletedOption): string {
  if (values.length > 0) return `COMPREPLY=($(compgen -W ${quoted(values.join('\n'))} -- "$cur"))`;
  return isFile ? 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))' : ':';
}

function zsh({ programs, commands }: Subject): string {
  const functions = commands.map((command) => {
    const specs = command.options.flatMap(zshOptions);
    const state =
      command.subcommands.length > 0
        ? ["'1:command:->command'", "'*::argument:->argument'"]
        : command.words.length > 0
          ? [`'1:shell:(${command.words.join(' ')})'`]
          : command.takesFiles
            ? ["'*:file:_files'"]
            : [];
    return `${zshName(command.path)}() {
  local curcontext="$curcontext" state line
  _arguments -C ${[...specs, ...state].map((spec) => `\\\n    ${spec}`).join(' ')}
${command.subcommands.length > 0 ? zshSubcommands(command, commands) : ''}}`;
  });
  return `#compdef ${programs.join(' ')}
# Completion for zsh. Load it with: source <(${programs[0]} completion zsh)
# or put it into a folder of $fpath as _${programs[0]}.
${functions.join('\n')}
if [[ "$funcstack[1]" == _dicom-series-preview ]]; then _dicom_series_preview "$@"
else compdef _dicom_series_preview ${programs.join(' ')}
fi
`;
}

function zshSubcommands({ path, subcommands }: CompletedCommand, commands: readonly CompletedCommand[]): string {
  const names = subcommands.map(
    ({ name, description }) => `      ${quoted(`${name}:${description.replaceAll(':', '\\:')}`)}`,
  );
  const steps = subcommands.flatMap(({ name }) => {
    const next = commands.find(({ paths }) => paths.includes(`${path} ${name}`.trim()));
    return next === undefined ? [] : [`        ${name}) ${zshName(next.path)} ;;`];
  });
  return `  case "$state" in
    command) local -a names=(
${names.join('\n')}
    ); _describe command names ;;
    argument) case "$line[1]" in
${steps.join('\n')}
      esac ;;
  esac
`;
}

function zshName(path: string): string {
  return `_dicom_series_preview${path === '' ? '' : `_${path.replaceAll(/[ -]/g, '_')}`}`;
}

function zshOptions({ short, long, description, takesValue, valueName, values, isFile }: CompletedOption): string[] {
  const text = description.replaceAll(/[[\]:]/g, '\\$&');
  const value = takesValue
    ? `:${valueName.replaceAll(':', '\\:')}:${values.length > 0 ? `(${values.join(' ')})` : isFile ? '_files' : ''}`
    : '';
  const names = short === undefined ? [long] : [short, long];
  // What may be given several times is offered again.
  return names.map((name) => quoted(`*${name}${takesValue && name === long ? '=' : ''}[${text}]${value}`));
}

function fish({ programs, commands }: Subject): string {
  const [program = ''] = programs;
  const lines = commands.flatMap((command) => {
    const at = `-n '__dicom_series_preview_at ${quotedInside(command.path)}'`;
    const first = [
      ...command.subcommands.map(({ name, description }) => `-f -a ${name} -d ${fishQuoted(description)}`),
      ...command.words.map((word) => `-f -a ${word}`),
    ];
    const options = command.options.map(({ short, long, description, takesValue, values, isFile }) =>
      [
        ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
        `-l ${long.slice(2)}`,
        ...(takesValue ? (isFile ? ['-r', '-F'] : ['-x']) : []),
        ...(values.length > 0 ? [`-a ${fishQuoted(values.join(' '))}`] : []),
        `-d ${fishQuoted(description)}`,
      ].join(' '),
    );
    return [...first, ...options].map((rest) => `complete -c ${program} ${at} ${rest}`);
  });
  return `# Completion for fish. Load it with: ${program} completion fish | source
function __dicom_series_preview_at
    set -l path ''
    set -l words (commandline -opc)
    for word in $words[2..-1]
        switch "$path/$word"
${steps(commands)
  .map(
    ([from, name, to]) =>
      `            case ${fishQuoted(`${from}/${name}`)}\n                set path ${fishQuoted(to)}`,
  )
  .join('\n')}
        end
    end
    test "$path" = "$argv"
end
${lines.join('\n')}
${programs
  .slice(1)
  .map((name) => `complete -c ${name} -w ${program}`)
  .join('\n')}
`;
}

function powershell({ programs, commands }: Subject): string {
  const table = commands.map(({ path, options, subcommands, words }) => {
    const first = [...subcommands, ...words.map((name) => ({ name, description: name }))];
    const entry = (name: string, description: string): string => `@(${psQuoted(name)}, ${psQuoted(description)})`;
    const named = options.flatMap(({ short, long, description }) =>
      [long, short].flatMap((name) => (name === undefined ? [] : entry(name, description))),
    );
    const values = options.flatMap(({ short, long, takesValue, values: each }) =>
      [long, short].flatMap((name) =>
        name === undefined || !takesValue ? [] : `${psQuoted(name)} = @(${each.map(psQuoted).join(', ')})`,
      ),
    );
    return `  ${psQuoted(path)} = @{
    words = @(${first.map(({ name, description }) => entry(name, description)).join(', ')})
    options = @(${named.join(', ')})
    values = @{ ${values.join('; ')} }
  }`;
  });
  return `# Completion for PowerShell. Load it with: ${programs[0]} completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ${programs.join(', ')} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [System.Collections.Hashtable]::new([System.StringComparer]::Ordinal)
  @{
${table.join('\n')}
  }.GetEnumerator() | ForEach-Object { $commands[$_.Key] = $_.Value }
  $steps = [System.Collections.Hashtable]::new([System.StringComparer]::Ordinal)
${steps(commands)
  .map(([from, name, to]) => `  $steps[${psQuoted(`${from}/${name}`)}] = ${psQuoted(to)}`)
  .join('\n')}
  $path = ''
  $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  foreach ($word in ($before | Select-Object -Skip 1)) { if ($steps.ContainsKey("$path/$word")) { $path = $steps["$path/$word"] } }
  $command = $commands[$path]
  $previous = $before | Select-Object -Last 1
  if ($command.values.ContainsKey($previous)) { $offers = @($command.values[$previous] | ForEach-Object { , @($_, $_) }) }
  elseif ($wordToComplete.StartsWith('-')) { $offers = $command.options }
  else { $offers = $command.words }
  $offers | Where-Object { $_[0] -clike "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
  }
}
`;
}

/** From one command to the next: the path, the word, and the path that it leads to. */
function steps(commands: readonly CompletedCommand[]): readonly (readonly [string, string, string])[] {
  return commands.flatMap((command) =>
    command.subcommands.flatMap(({ name }) => {
      const to = commands.find(({ paths }) => paths.includes(`${command.path} ${name}`.trim()));
      return to === undefined ? [] : [[command.path, name, to.path] as const];
    }),
  );
}

/** The options that take a value, each with the words after which one is due. */
function valueCases(commands: readonly CompletedCommand[]): readonly (readonly [readonly string[], CompletedOption])[] {
  return commands.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map((option) => {
        const names = option.short === undefined ? [option.long] : [option.long, option.short];
        return [names.map((name) => `${path}/${name}`), option] as const;
      }),
  );
}

/** For bash and zsh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function quotedInside(path: string): string {
  return path === '' ? '""' : path;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function psQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
