// echarts publishes no types for the builds that are one file.
declare module "echarts/dist/echarts.esm.min.mjs" {
  export * from "echarts";
}
