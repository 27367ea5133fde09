/** Upper ends of the buckets, in seconds. */
const buckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const prefix = 'dicom_series_preview';

interface Durations {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** Counts what a server did, in the text format of Prometheus (exposition format 0.0.4). No UID is ever a label. */
export class Metrics {
  inWork = 0;
  #bytes = 0;
  readonly #requests = new Map<string, number>();
  readonly #durations = new Map<string, Durations>();

  add(route: string, status: number, seconds: number, byteLength: number): void {
    const labels = `route="${route}",status="${status}"`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
    this.#bytes += byteLength;
    const durations = this.#durations.get(route) ?? { counts: buckets.map(() => 0), sum: 0, count: 0 };
    this.#durations.set(route, durations);
    for (const [index, end] of buckets.entries()) {
      if (seconds <= end) durations.counts[index] = (durations.counts[index] ?? 0) + 1;
    }
    durations.sum += seconds;
    durations.count++;
  }

  /** Seconds that a request of a route took on average; undefined before the first. */
  meanSeconds(route: string): number | undefined {
    const durations = this.#durations.get(route);
    return durations === undefined ? undefined : durations.sum / durations.count;
  }

  text(): string {
    const lines: string[] = [];
    const metric = (name: string, type: string, help: string, values: readonly string[]): void => {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...values);
    };
    const requests = [...this.#requests].map(([labels, count]) => `${prefix}_requests_total{${labels}} ${count}`);
    metric(`${prefix}_requests_total`, 'counter', 'Requests answered.', requests);
    const seconds = `${prefix}_request_seconds`;
    const histogram = [...this.#durations].flatMap(([route, { counts, sum, count }]) => [
      ...buckets.map((end, index) => `${seconds}_bucket{route="${route}",le="${end}"} ${counts[index]}`),
      `${seconds}_bucket{route="${route}",le="+Inf"} ${count}`,
      `${seconds}_sum{route="${route}"} ${sum}`,
      `${seconds}_count{route="${route}"} ${count}`,
    ]);
    metric(seconds, 'histogram', 'Time from request to reply.', histogram);
    const single = (name: string, type: string, help: string, value: number): void =>
      metric(name, type, help, [`${name} ${value}`]);
    single(`${prefix}_response_bytes_total`, 'counter', 'Bytes of bodies sent.', this.#bytes);
    single(`${prefix}_in_work`, 'gauge', 'Requests in work or waiting for their turn.', this.inWork);
    const { user, system } = process.cpuUsage();
    single('process_cpu_seconds_total', 'counter', 'Processor time.', (user + system) / 1e6);
    single('process_resident_memory_bytes', 'gauge', 'Memory in use.', process.memoryUsage.rss());
    return `${lines.join('\n')}\n`;
  }
}
