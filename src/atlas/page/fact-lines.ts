type Values = Readonly<Record<string, string | number | null>>;

/** What the manifest says of a series, for people: a label and a text each. Nothing for what is not known. */
export function factLines(values: Values): readonly (readonly [label: string, text: string])[] {
  const text = (name: string): string => {
    const value = values[name];
    return typeof value === 'number' ? value.toLocaleString('en') : (value ?? '');
  };
  const number = (name: string, digits: number): string => {
    const value = values[name];
    return typeof value === 'number' ? String(Number(value.toPrecision(digits))) : '';
  };
  const joined = (separator: string, ...parts: readonly string[]): string =>
    parts.includes('') ? '' : parts.join(separator);
  const withUnit = (value: string, unit: string): string => (value === '' ? '' : `${value} ${unit}`);
  const several = (name: string): string => (Number(values[name]) > 1 ? text(name) : '');
  const spacing = joined(' × ', number('row_spacing_mm', 3), number('column_spacing_mm', 3));
  const lines: readonly (readonly [string, string])[] = [
    ['Series UID', text('series_instance_uid')],
    ['Study UID', text('study_instance_uid')],
    ['Collection', text('collection')],
    ['Patient ID', text('patient_id')],
    ['Date', text('series_date')],
    ['Body part', text('body_part')],
    ['Orientation', text('orientation')],
    ['Instances', text('instances')],
    ['Frames', values['frames'] === values['instances'] ? '' : text('frames')],
    ['Size', byteText(values['byte_length'])],
    ['Image', joined(' × ', text('columns'), text('rows'))],
    ['Pixel spacing', withUnit(spacing, 'mm')],
    ['Slice spacing', withUnit(number('slice_spacing_mm', 4), 'mm')],
    ['Extent', withUnit(number('extent_mm', 4), 'mm')],
    ['Stacks', several('stacks')],
    ['Volumes', several('volumes')],
    ['Window', joined(' / ', number('window_width', 4), number('window_center', 4))],
    ['Manufacturer', [text('manufacturer'), text('model')].filter(Boolean).join(' ')],
    ['Series number', values['series_number'] === null ? '' : String(values['series_number'] ?? '')],
    ['Transfer syntax', text('transfer_syntax')],
    ['SOP class', text('sop_class')],
    ['Flags', text('flags').replaceAll(',', ', ')],
    ['Status', text('status')],
    ['Error', text('error_code')],
    ['Lies at', [text('root'), text('name')].filter(Boolean).join(' ')],
    ['Picture in', text('shard')],
    ['Made by', text('tool_version')],
  ];
  return lines.filter(([, each]) => each !== '');
}

function byteText(value: string | number | null | undefined): string {
  if (typeof value !== 'number') return '';
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
